import { z } from "zod";
import { CodedError } from "@/lib/shared/codes";
import type { Channel } from "@/lib/shared/define-channel";
import { MAX_POINTS, stepFor } from "@/lib/shared/history";
import type { Span } from "@/lib/shared/time-range";

const DEFAULT_POINTS = 300;
const MAX_METRICS = 20;
/** Two years, and a month for whoever asks for whole ones. */
const MAX_SPAN_MS = (2 * 365 + 31) * 24 * 60 * 60_000;
/** As far ahead as a producer's clock may be, ms. */
const MAX_AHEAD_MS = 5 * 60_000;

/** What `GET /api/history` asks for. Times in ms. */
export interface HistoryQuery {
  channel: string;
  /** All of the channel by default. */
  metrics?: readonly string[];
  from: number;
  to: number;
  /** About how many buckets. */
  points?: number;
}

/** `channel`, `from` and `to`, and if wanted `metrics` and `points`. Throws as `checkQuery` does. */
export function parseHistoryQuery(query: URLSearchParams): HistoryQuery {
  const channel = query.get("channel");
  if (!channel) throw new CodedError("bad_request", "channel is missing.", { field: "channel" });
  const metrics = query.get("metrics");
  const points = query.get("points");
  return {
    channel,
    ...(metrics && { metrics: metrics.split(",") }),
    from: readTime(query.get("from"), "from"),
    to: readTime(query.get("to"), "to"),
    ...(points !== null && { points: /^\d{1,9}$/.test(points) ? Number(points) : Number.NaN }),
  };
}

/** ms since 1970, or an ISO 8601 date with time and zone. */
export function readTime(text: string | null, field: string): number {
  if (text !== null && /^\d{1,15}$/.test(text)) return Number(text);
  // An unescaped plus means a space in a query.
  const iso = z.iso.datetime({ offset: true }).safeParse(text?.replace(" ", "+"));
  const ms = iso.success ? Date.parse(iso.data) : Number.NaN;
  if (ms >= 0) return ms;
  const detail = `${field} is neither ms since 1970 nor a date like 2026-01-31T12:00:00Z.`;
  throw new CodedError("invalid_range", detail, { field });
}

/**
 * Fills in what was left out. Throws `unknown_channel`, `bad_request` (a channel without metrics, an unknown metric,
 * too many of them, `points`), or `invalid_range`, which name the field.
 */
export function checkQuery(
  { channel: name, metrics, from, to, points = DEFAULT_POINTS }: HistoryQuery,
  channels: readonly Channel[],
  now: number,
): Required<HistoryQuery> {
  const channel = channels.find((each) => each.name === name);
  if (!channel) throw new CodedError("unknown_channel", undefined, { field: "channel" });
  if (channel.kind !== "record")
    throw new CodedError("bad_request", "Only channels of metrics have a history.", { field: "channel" });
  const wanted = [...new Set(metrics ?? Object.keys(channel.metrics))];
  const unknown = wanted.find((metric) => !Object.hasOwn(channel.metrics, metric));
  if (unknown !== undefined)
    throw new CodedError("bad_request", `${name} has no metric of that name.`, { field: "metrics" });
  if (wanted.length > MAX_METRICS)
    throw new CodedError("bad_request", `At most ${MAX_METRICS} metrics at once.`, { field: "metrics" });
  if (!Number.isInteger(points) || points < 1 || points > MAX_POINTS)
    throw new CodedError("bad_request", `points is a whole number up to ${MAX_POINTS}.`, { field: "points" });
  checkRange({ from, to }, now + stepFor(to - from, points));
  return { channel: name, metrics: wanted, from, to, points };
}

/** Throws `invalid_range` for what is no range, is too long, or ends later than a clock that is ahead of `now` says. */
export function checkRange({ from, to }: Span, now: number): void {
  const wrong = (field: string, detail: string) => new CodedError("invalid_range", detail, { field });
  if (!Number.isFinite(from)) throw wrong("from", "from is no time.");
  if (!Number.isFinite(to)) throw wrong("to", "to is no time.");
  if (from >= to) throw wrong("from", "from lies not before to.");
  if (to - from > MAX_SPAN_MS) throw wrong("from", "from lies more than two years before to.");
  if (to > now + MAX_AHEAD_MS) throw wrong("to", "to lies in the future.");
}
