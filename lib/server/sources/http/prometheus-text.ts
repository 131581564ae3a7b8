/** One sample of a metrics page. */
export interface Sample {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
  /** Name and labels as they are written; the same in each scrape. */
  series: string;
}

// Each is linear in the line's length, whatever stands there.
const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const OPENING = /\s*\{/y;
const LABEL = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*,?/y;
const CLOSING = /\s*\}/y;
/** Its value; a timestamp or an exemplar may follow, which are of no use here. */
const VALUE = /\s*(?<=[\s}])(\S+)(?:\s+[-#\d].*)?$/y;
const ESCAPES: Record<string, string> = { "\\n": "\n", '\\"': '"', "\\\\": "\\" };
const SPECIAL = new Map([
  ["NaN", Number.NaN],
  ["Inf", Number.POSITIVE_INFINITY],
  ["+Inf", Number.POSITIVE_INFINITY],
  ["-Inf", Number.NEGATIVE_INFINITY],
]);

/**
 * The samples of the named metrics on a page in Prometheus' text format or OpenMetrics. Other lines are passed over
 * unread, as a page may have a hundred thousand. Throws a sentence for a line that is wrong, or when the page is of
 * another kind.
 */
export function samplesOf(text: string, names: ReadonlySet<string>): Sample[] {
  const found: Sample[] = [];
  let first: string | undefined;
  for (const line of linesOf(text)) {
    if (line === "" || line.startsWith("#")) continue;
    first ??= line;
    if (names.has(nameOf(line))) found.push(sampleOf(line) ?? wrong(line));
  }
  if (first === undefined) throw new Error("Not a metrics page: it has no samples");
  if (found.length === 0 && !sampleOf(first))
    throw new Error("Not a metrics page: the answer is another text");
  return found;
}

function* linesOf(text: string): Generator<string> {
  let from = 0;
  while (from < text.length) {
    const end = text.indexOf("\n", from);
    const to = end < 0 ? text.length : end;
    yield text.slice(from, to).trim();
    from = to + 1;
  }
}

/** What stands before the labels or the value. */
function nameOf(line: string): string {
  const end = line.search(/[{\s]/);
  return end < 0 ? line : line.slice(0, end);
}

function wrong(line: string): never {
  throw new Error(`Not a metrics page: a line of ${nameOf(line)} cannot be read`);
}

function sampleOf(line: string): Sample | undefined {
  let at = 0;
  const next = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(line);
    if (match) at = pattern.lastIndex;
    return match;
  };
  const name = next(NAME)?.[0];
  const labels: [string, string][] = [];
  if (next(OPENING)) {
    for (let label = next(LABEL); label; label = next(LABEL))
      labels.push([label[1]!, label[2]!.replace(/\\[n"\\]/g, (written) => ESCAPES[written]!)]);
    if (!next(CLOSING)) return undefined;
  }
  const series = line.slice(0, at);
  const number = next(VALUE)?.[1];
  if (name === undefined || number === undefined) return undefined;
  const value = SPECIAL.get(number) ?? Number(number);
  if (Number.isNaN(value) && number !== "NaN") return undefined;
  return { name, labels: Object.fromEntries(labels), value, series };
}
