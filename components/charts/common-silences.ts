import type { Bucket } from "@/lib/shared/buckets";
import type { Outage } from "@/lib/shared/history";
import type { Span } from "@/lib/shared/time-range";
import { type Silence, silences } from "./chart-model";

/**
 * The times in which every line is silent: where one goes on, a chart has data. A line that begins later than another
 * adds nothing before. Each has a limit as `silences` takes it.
 */
export function commonSilences(
  lines: readonly { buckets: readonly Bucket[]; limit: number }[],
  span: Span,
  now: number,
  outages: readonly Outage[] = [],
): readonly Silence[] {
  const begins = lines.map(({ buckets }) => buckets[0]?.at ?? Number.POSITIVE_INFINITY);
  const oldest = begins.indexOf(Math.min(...begins));
  const ofLines = lines.map(({ buckets, limit }, i): Silence[] => {
    const own = silences(buckets, limit, span, now, outages);
    const begin = begins[i]!;
    if (i === oldest) return own;
    const before = { from: Number.NEGATIVE_INFINITY, to: Number.isFinite(begin) ? begin : null };
    return [before, ...own.filter(({ from }) => from >= begin)];
  });
  const [first = [], ...others] = ofLines;
  return others.reduce((common, own) => common.flatMap((gap) => overlaps(gap, own)), first);
}

function overlaps(gap: Silence, others: readonly Silence[]): Silence[] {
  const end = ({ to }: Silence) => to ?? Number.POSITIVE_INFINITY;
  return others.flatMap((other) => {
    const from = Math.max(gap.from, other.from);
    const to = Math.min(end(gap), end(other));
    if (from >= to) return [];
    const why = gap.why ?? other.why;
    return [{ from, to: Number.isFinite(to) ? to : null, ...(why && { why }) }];
  });
}
