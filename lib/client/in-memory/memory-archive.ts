import { addReading, type Bucket, bucketOf, bucketStart } from "@/lib/shared/buckets";
import { type History, type MetricHistory, stepFor } from "@/lib/shared/history";
import type { Point } from "@/lib/shared/protocol";

/** A metric's readings, oldest first. */
type Readings = (channel: string, metric: string) => readonly Point[];

/** What the server's archive answers to `url`, from readings in memory; `until` is its newest commit, ms. */
export function answerFromMemory(url: string, readings: Readings, until: number): Response {
  const { pathname, searchParams } = new URL(url, "http://memory");
  if (pathname === "/api/annotations") return Response.json({ annotations: [] });
  const [from, to, points] = ["from", "to", "points"].map((name) => Number(searchParams.get(name)));
  const channel = searchParams.get("channel") ?? "";
  const metrics = (searchParams.get("metrics") ?? "").split(",");
  const step = stepFor(to! - from!, points!);
  const start = bucketStart(from!, step);
  const places = Math.max(1, Math.ceil((to! - start) / step));
  const history: History = {
    ...{ channel, step, until, tier: 0, outages: [] },
    ...{ from: start, to: start + places * step },
    metrics: Object.fromEntries(
      metrics.map((metric) => [metric, fold(readings(channel, metric), start, step, places)]),
    ),
  };
  return Response.json(history);
}

function fold(points: readonly Point[], from: number, step: number, places: number): MetricHistory {
  const buckets = new Array<Bucket | undefined>(places).fill(undefined);
  for (const [ts, value] of points) {
    const place = Math.floor((ts - from) / step);
    if (value === null || place < 0 || place >= places) continue;
    const bucket = buckets[place];
    if (bucket) addReading(bucket, ts, value);
    else buckets[place] = bucketOf(ts, value, step);
  }
  const all = (read: (bucket: Bucket) => number) => buckets.map((bucket) => (bucket ? read(bucket) : null));
  return {
    count: buckets.map((bucket) => bucket?.count ?? 0),
    min: all(({ min }) => min),
    avg: all(({ sum, count }) => sum / count),
    max: all(({ max }) => max),
    last: all(({ last }) => last),
  };
}
