import type { Frame } from "@/lib/shared/protocol";

/**
 * Is this a frame, as far as the client relies on it? Anything can answer in the server's place (a captive
 * portal says 200 with HTML to every request), so nothing else is taken for one. It is hand-written because a
 * schema library would weigh more than the client.
 */
export function isFrame(value: unknown): value is Frame {
  if (!isObject(value) || typeof value.to !== "string") return false;
  if (value.from !== undefined && typeof value.from !== "string") return false;
  if (value.now !== undefined && !Number.isFinite(value.now)) return false;
  if (value.log !== undefined && !(isObject(value.log) && Number.isFinite(value.log.delayedSince)))
    return false;
  if (value.more !== undefined && value.more !== true) return false;
  if (value.denied !== undefined && !Array.isArray(value.denied)) return false;
  if (value.updates !== undefined && !(Array.isArray(value.updates) && value.updates.every(isUpdate)))
    return false;
  return (
    value.snapshot === undefined || (isObject(value.snapshot) && Object.values(value.snapshot).every(isState))
  );
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isUpdate(value: unknown): boolean {
  return isObject(value) && typeof value.id === "string" && typeof value.ch === "string";
}

function isState(value: unknown): boolean {
  if (!isObject(value)) return false;
  if (value.kind === "record") return isObject(value.values) && isObject(value.ts);
  return value.kind === "table" ? isObject(value.rows) : value.kind === "feed" && Array.isArray(value.items);
}
