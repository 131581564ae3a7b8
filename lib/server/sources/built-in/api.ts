import { api } from "@/lib/channels/api";
import { RESPONSE_BANDS } from "@/lib/channels/response-bands";
import type { NodeReport } from "@/lib/server/cluster/report";
import { defineSource } from "../define-source";

/**
 * The HTTP figures and viewers of all nodes. Rates and viewers are sums; a mean is that of all requests; of a
 * percentile the worst node's is told, as that of all requests does not follow from the nodes'.
 */
export function apiSource(reports: () => Promise<NodeReport[]>) {
  return defineSource({
    channel: api,
    read: async () => {
      const all = await reports();
      const requests = all.map((report) => report.requests);
      const viewers = (transport: keyof NodeReport["viewers"]) =>
        sum(all.map((report) => report.viewers[transport]));
      const byTransport = {
        viewersSocket: viewers("socket"),
        viewersSse: viewers("sse"),
        viewersLongPoll: viewers("longPoll"),
        viewersPoll: viewers("poll"),
      };
      return {
        requests: sum(requests.map(({ perSecond }) => perSecond)),
        average: mean(requests.map(({ average, count }) => [average, count])),
        p95: worst(requests.map(({ p95 }) => p95)),
        p99: worst(requests.map(({ p99 }) => p99)),
        errorRate: mean(requests.map(({ errorRate, count }) => [errorRate, count])),
        viewers: sum(Object.values(byTransport)),
        ...byTransport,
        ...answeredIn(requests),
      };
    },
  });
}

/** A rate for each band of response times. */
function answeredIn(requests: readonly NodeReport["requests"][]) {
  const rates = RESPONSE_BANDS.map((metric, band) => [
    metric,
    sum(requests.map(({ bands }) => bands[band] ?? 0)),
  ]);
  return Object.fromEntries(rates) as Record<(typeof RESPONSE_BANDS)[number], number>;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Weighted; `null` when there is nothing. */
function mean(parts: readonly (readonly [value: number | null, weight: number])[]): number | null {
  const weight = sum(parts.map((part) => part[1]));
  return weight === 0 ? null : sum(parts.map(([value, weight]) => (value ?? 0) * weight)) / weight;
}

function worst(numbers: readonly (number | null)[]): number | null {
  const known = numbers.filter((number) => number !== null);
  return known.length === 0 ? null : Math.max(...known);
}
