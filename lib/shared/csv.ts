/** RFC 4180 text from rows of cells, safe to open in a spreadsheet. */

/**
 * A text that a spreadsheet would run as a formula. A quote before it makes it text (CWE-1236); white space in front
 * does not stop a spreadsheet from running it.
 */
const FORMULA = /^\s*[=+\-@\t\r]/;

/** Numbers stay numbers; `null` and `undefined` are empty cells. */
export type CsvCell = string | number | boolean | null | undefined;

/** The lines of a CSV file, ended by CRLF. */
export function toCsv(rows: Iterable<readonly CsvCell[]>): string {
  let text = "";
  for (const row of rows) text += `${row.map(cell).join(",")}\r\n`;
  return text;
}

function cell(value: CsvCell): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "string") return String(value);
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
