/** An update's id: `<ms>-<seq>` (L1). It orders updates; it is not a time. */
export type UpdateId = string;
/** A position in one log: `<epoch>.<ms>-<seq>` (L4), safe in a URL, a header and an ETag. */
export type Cursor = string;

/** The position before the first update of any log. */
export const ZERO_ID: UpdateId = "0-0";

// No leading zeros, so that one position has one spelling.
const DECIMAL = "(?:0|[1-9]\\d{0,15})";
const ID = new RegExp(`^${DECIMAL}-${DECIMAL}$`);
const CURSOR = new RegExp(`^([a-z0-9]{1,32})\\.(${DECIMAL}-${DECIMAL})$`);

export function isUpdateId(text: string): boolean {
  return ID.test(text);
}

export function formatCursor(epoch: string, id: UpdateId): Cursor {
  return `${epoch}.${id}`;
}

/** Takes a cursor apart; `undefined` for anything that is not one. */
export function parseCursor(text: unknown): { epoch: string; id: UpdateId } | undefined {
  const match = typeof text === "string" ? CURSOR.exec(text) : null;
  return match ? { epoch: match[1]!, id: match[2]! } : undefined;
}

/** The milliseconds part of an id or of a cursor's id. */
export function idMs(id: UpdateId): number {
  return Number(id.slice(0, id.indexOf("-")));
}

/** Negative when `a` comes before `b`, zero when they are the same, else positive. */
export function compareIds(a: UpdateId, b: UpdateId): number {
  if (a === b) return 0;
  const dashA = a.indexOf("-");
  const dashB = b.indexOf("-");
  return (
    Number(a.slice(0, dashA)) - Number(b.slice(0, dashB)) ||
    Number(a.slice(dashA + 1)) - Number(b.slice(dashB + 1))
  );
}

/** The id that an engine gives next (L1, L2): greater than `last` even when the clock steps back. */
export function nextId(last: UpdateId, now: number): UpdateId {
  const ms = idMs(last);
  return now > ms ? `${now}-0` : `${ms}-${Number(last.slice(last.indexOf("-") + 1)) + 1}`;
}
