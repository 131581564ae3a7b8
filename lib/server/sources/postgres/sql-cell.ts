import type { Cell } from "@/lib/shared/define-channel";

/**
 * What a database gave as a cell of a channel. Numbers come as texts where they may be larger than JavaScript's; those
 * that would be rounded are refused. Throws a sentence about the value.
 */
export function sqlCell(value: unknown, type: "text" | "number" | "time"): Cell {
  if (value === null || value === undefined) return null;
  if (type === "number") return numberOf(value);
  if (type === "time") return timeOf(value);
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (value instanceof Date) return value.toISOString();
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function numberOf(value: unknown): number | null {
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value !== "string" || !/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value.trim())) {
    if (value === "NaN" || value === "Infinity" || value === "-Infinity") return null;
    throw new Error("is not a number");
  }
  const number = Number(value);
  if (/^-?\d+$/.test(value.trim()) && !Number.isSafeInteger(number))
    throw new Error("is beyond the exact integers (±2^53 − 1)");
  return Number.isFinite(number) ? number : null;
}

function timeOf(value: unknown): number | null {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  // Of bigint and numeric, the ms since 1970; `Date.parse` would take short ones for years.
  if (typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value)) return numberOf(value);
  if (value === "infinity" || value === "-infinity") return null;
  const ms =
    value instanceof Date ? value.getTime() : typeof value === "string" ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(ms)) throw new Error("is not a time");
  return ms;
}
