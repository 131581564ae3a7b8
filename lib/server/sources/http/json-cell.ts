import type { Cell } from "@/lib/shared/define-channel";

/** A decimal number and nothing else, as JSON has it or as people write it in a text. */
const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;
/** A date with time and zone (RFC 3339): without a zone it would mean another moment on another server. */
const DATE = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)$/;

/**
 * A value of a JSON document as a channel's cell. What is missing is `null`. A text is a number only with `fromText`.
 * A time is ms since 1970, or a date with a time zone. A number in a column of text becomes its digits. Throws what
 * it is instead.
 */
export function jsonCell(value: unknown, type: "text" | "number" | "time", fromText = false): Cell {
  if (value === undefined || value === null) return null;
  if (type === "text") {
    if (typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value !== "number") throw new Error(`is ${kindOf(value)}, not a text`);
    // JSON.parse rounded it: as a key it might be another row's.
    if (Number.isInteger(value) && !Number.isSafeInteger(value))
      throw new Error("is a number too long to be read exactly");
    return String(value);
  }
  if (typeof value === "number") return value;
  if (type === "time") {
    const at = typeof value === "string" && DATE.test(value) ? Date.parse(value) : Number.NaN;
    if (Number.isNaN(at)) throw new Error(`is ${kindOf(value)}, not a time`);
    return at;
  }
  if (fromText && typeof value === "string" && NUMBER.test(value)) return Number(value);
  throw new Error(`is ${kindOf(value)}, not a number`);
}

function kindOf(value: unknown): string {
  if (typeof value === "string") return "a text";
  if (typeof value === "boolean") return String(value);
  return Array.isArray(value) ? "a list" : "an object";
}
