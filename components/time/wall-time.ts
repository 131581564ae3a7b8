/** Between instants and what `<input type="datetime-local">` holds: a wall clock's time in the viewer's zone. */
import { offsetOf } from "@/components/charts/time-axis";

/** `2026-03-29T01:30:00` of an instant (ms) in a zone. */
export function toWall(ms: number, timeZone: string): string {
  return new Date(ms + offsetOf(ms, timeZone)).toISOString().slice(0, 19);
}

/**
 * The instant (ms) of a wall clock's time. When clocks go back, the earlier of the two; when they skip it, as much
 * after the change as the time lies in what was skipped (RFC 5545, 3.3.5 reads such times in the same way).
 */
export function fromWall(text: string, timeZone: string): number | undefined {
  const wall = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? Date.parse(`${text}Z`) : Number.NaN;
  if (Number.isNaN(wall)) return undefined;
  const day = 24 * 60 * 60_000;
  const before = wall - offsetOf(wall - day, timeZone);
  const after = wall - offsetOf(wall + day, timeZone);
  const fits = [before, after].filter((ms) => ms + offsetOf(ms, timeZone) === wall);
  return fits.length > 0 ? Math.min(...fits) : before;
}

/** What a field says that held this instant (ms) before: the same one when nothing was changed. */
export function changedInstant(text: string, shown: number, timeZone: string): number | undefined {
  // Of an hour that comes twice a text alone says only the first one. Browsers leave out seconds that are zero.
  const instant = fromWall(text, timeZone);
  return instant === fromWall(toWall(shown, timeZone), timeZone) ? shown : instant;
}
