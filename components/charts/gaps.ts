/** Times without data, in words. Pure. */
import type { ChartPicture } from "@/lib/client/chart-data";
import { formatTime, type Place } from "@/lib/shared/format";
import type { Silence } from "./chart-model";

/** A time (ms) without data: nobody said anything, or it is not known here. `to` is `null` while it lasts. */
export interface Gap {
  from: number;
  to: number | null;
  text: string;
  kind: "silence" | "unknown";
}

/** The gaps of a chart, with from when to when and why: `reason` is that of now, in the source's words. */
export function gapsOf(
  silences: readonly Silence[],
  { now, unknown, status }: Pick<ChartPicture, "now" | "unknown" | "status">,
  place: Place,
  reason?: string,
): Gap[] {
  return [
    ...silences
      // What is not known is no silence.
      .filter(({ from, to }) => !unknown.some((hole) => hole.from <= from && (to ?? now) <= hole.to))
      .map(({ from, to, why }): Gap => {
        const what = why === "outage" ? "no server recorded" : "no data";
        const cause = to === null && reason ? ` · ${reason}` : "";
        return { from, to, text: `${what} ${spanText(from, to, place, now)}${cause}`, kind: "silence" };
      }),
    ...unknown.map(({ from, to }): Gap => {
      const what = status === "loading" ? "loading" : "not loaded";
      return { from, to, text: `${what} ${spanText(from, to, place, now)}`, kind: "unknown" };
    }),
  ];
}

function spanText(from: number, to: number | null, place: Place, now: number): string {
  const start = formatTime(from, place, now);
  return to === null ? `since ${start}` : `${start}–${formatTime(to, place, now)}`;
}
