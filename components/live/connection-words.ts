import { Circle, Clock, type LucideIcon, RotateCw, Unplug, WifiOff } from "lucide-react";
import type { ConnectionView } from "@/lib/client/connection-view";
import type { Gap, GapReason } from "@/lib/client/gap-ledger";
import type { Rung } from "@/lib/client/ladder-state";
import type { Trial } from "@/lib/client/open-rungs";
import { formatAge, formatTime, type Place } from "@/lib/shared/format";

export const RUNG_WORDS: Record<Rung, string> = {
  socket: "WebSocket",
  sse: "SSE",
  "long-poll": "Long-poll",
  poll: "Polling",
};

const REASON_WORDS: Record<GapReason, string> = {
  unwatched: "no live page was open",
  offline: "this device was offline",
  hidden: "the page was in the background",
  frozen: "the browser had put the page to sleep",
  bfcache: "the page had been left",
  timeout: "no answer in time",
  silence: "the connection went silent",
  closed: "the connection was closed",
  moved: "the server asked to connect again",
  refused: "the server refused",
  "not-ours": "something else answered in the server's place",
  slept: "this device was asleep",
  "lost-frame": "an update got lost on the way",
  slow: "the connection was too slow",
  "log-delayed": "the server could not confirm its log",
  "new-log": "the server's log was replaced",
};

export interface StatusLook {
  word: string;
  icon: LucideIcon;
  colour: string;
}

/** Word, icon and colour for the state of the connection. */
export function statusLook({ status, transport }: ConnectionView): StatusLook {
  switch (status) {
    case "live":
      return { word: "Live", icon: Circle, colour: "text-good" };
    case "catching-up":
      return { word: transport ? "Catching up" : "Connecting", icon: RotateCw, colour: "text-soft" };
    case "delayed":
      return { word: "Delayed", icon: Clock, colour: "text-attention" };
    case "reconnecting":
      return { word: "Reconnecting", icon: Unplug, colour: "text-attention" };
    case "offline":
      return { word: "Offline", icon: WifiOff, colour: "text-bad" };
  }
}

export interface BarTexts {
  since: string;
  next?: string;
  /** The transports of the next try. */
  way?: string;
}

/** Whether what is shown may be behind, so that the bar says so. */
export function isBehind({ status }: ConnectionView): boolean {
  return status === "reconnecting" || status === "offline" || status === "delayed";
}

/** Does the bar count down to the next try, so that time changes what it says? */
export function countsDown({ status, nextTryAt }: ConnectionView): boolean {
  return nextTryAt !== undefined && (status === "reconnecting" || status === "offline");
}

/** The bar's sentence parts: since when, what comes next and when, and over what. `now` is this browser's clock, ms. */
export function barTexts(view: ConnectionView, now: number, place: Place): BarTexts {
  if (!isBehind(view))
    return view.transport ? { since: "Connected again", next: "catching up" } : { since: "Connecting again" };
  const at = view.since === undefined ? "" : ` since ${formatTime(view.since, place)}`;
  if (view.status === "delayed")
    return { since: `${view.quiet ? "Nothing from the server" : "The server's log is out of reach"}${at}` };
  if (view.parked.includes("offline"))
    return { since: `This device is offline${at}`, next: "goes on as soon as it is back" };
  const since = `No connection${at}`;
  const way = view.trying.map((rung) => RUNG_WORDS[rung]).join(", ");
  if (view.nextTryAt === undefined) return way ? { since, next: "trying now", way } : { since };
  const seconds = Math.max(0, Math.ceil((view.nextTryAt - now) / 1000));
  return { since, next: `next try in ${seconds}\u00a0s`, way };
}

/** "Caught up, 214 updates" */
export function caughtUpText(gap: Gap | undefined, count: (number: number) => string): string {
  if (gap?.healed === "snapshot") return "Caught up with a fresh snapshot";
  // The first connection ends no interruption: what came since the page was made is counted nowhere.
  if (!gap) return "Caught up";
  if (gap.missed === 0) return "Caught up, nothing was missed";
  return `Caught up, ${count(gap.missed)} ${gap.missed === 1 ? "update" : "updates"}`;
}

/** One interruption in words, for the ledger. */
export function gapTexts(gap: Gap, place: Place): { when: string; why: string; outcome: string } {
  const from = formatTime(gap.from, place);
  const when =
    gap.to === undefined
      ? `since ${from}`
      : `${from}–${formatTime(gap.to, place)}, ${formatAge(gap.to - gap.from)}`;
  const why = `${REASON_WORDS[gap.why]}${gap.transport ? ` (${RUNG_WORDS[gap.transport]})` : ""}`;
  if (gap.to === undefined) return { when, why, outcome: "not over yet" };
  if (gap.healed === "snapshot") return { when, why, outcome: "healed by a snapshot" };
  return { when, why, outcome: gap.missed === 0 ? "nothing missed" : `${gap.missed} updates caught up` };
}

/** What became of a transport. `trials`: the last ones of all transports, oldest first. */
export function rungText(rung: Rung, view: ConnectionView, trials: readonly Trial[], place: Place): string {
  if (view.transport === rung) return "in use";
  if (view.trying.includes(rung)) return view.nextTryAt === undefined ? "trying now" : "next";
  const last = trials.findLast((trial) => trial.rung === rung && trial.outcome !== "closed");
  if (!last) return "not needed";
  const at = formatTime(last.at, place);
  if (last.outcome === "failed") return `failed at ${at}${last.message ? `: ${last.message}` : ""}`;
  return last.outcome === "delivered" ? `worked at ${at}` : `tried at ${at}`;
}
