import { z } from "zod";
import type { HeldTransport } from "./connections";

/** The most connections that a node tells of, so that one with 10,000 viewers stays cheap to listen to. */
export const MAX_CONNECTIONS = 200;

const name = z.string().min(1).max(64);
const figure = z.number().nonnegative();

const connectionSchema = z.object({
  /** `<node>-<number>`: it says where the connection is. */
  id: name,
  transport: z.enum(["socket", "sse", "long-poll"] satisfies HeldTransport[]),
  /** The path of the page that it serves. */
  page: z.string().max(200).optional(),
  /** The other end's address, where the transport knows it. */
  address: z.string().max(64).optional(),
  /** When it was opened, ms since 1970. */
  since: figure,
  /** How far it is behind the log's head, ms; `null` while it waits for a whole snapshot. */
  lagMs: figure.nullable(),
  /** Sent, and neither read by the client nor acknowledged as far as that is known, bytes. */
  bufferedBytes: figure,
});

const requestsSchema = z.object({
  perSecond: figure,
  /** Requests of the last minute, which the other figures are about. */
  count: figure,
  average: figure.nullable(),
  p95: figure.nullable(),
  p99: figure.nullable(),
  errorRate: figure.nullable(),
  /** Requests per second by response time. A node of an older version has none. */
  bands: z.array(figure).max(100).default([]),
});

/** What a node says of itself every two seconds. Times in ms, sizes in bytes. */
export const nodeReportSchema = z.object({
  node: name,
  host: z.string().max(255),
  version: z.string().max(64),
  /** ms since 1970. */
  startedAt: figure,
  draining: z.boolean(),
  viewers: z.object({ socket: figure, sse: figure, longPoll: figure, poll: figure }),
  /** How long ago the engine confirmed a head that this node has read up to; 0 within the usual two seconds. */
  logLagMs: figure,
  framesPerSecond: figure,
  bytesPerSecond: figure,
  /** How late timers were in the last seconds, the slowest of a hundred. */
  loopDelayMs: figure,
  rss: figure,
  heap: figure,
  /** The pull sources that run here, by channel. */
  sources: z.array(name).max(1000),
  /** The last round trip to Redis; `null` without Redis or while it is out of reach. */
  redisMs: figure.nullable(),
  requests: requestsSchema,
  /** At most `MAX_CONNECTIONS` of them; `viewers` has the totals. */
  connections: z.array(connectionSchema).max(MAX_CONNECTIONS),
});

export type NodeReport = z.infer<typeof nodeReportSchema>;
export type ConnectionReport = z.infer<typeof connectionSchema>;

/** Those worth telling when there are too many: the furthest behind, then the fullest buffers, then the newest. */
export function worthTelling<C extends Pick<ConnectionReport, "lagMs" | "bufferedBytes" | "since">>(
  connections: readonly C[],
  most = MAX_CONNECTIONS,
): C[] {
  if (connections.length <= most) return [...connections];
  const lag = ({ lagMs }: C) => lagMs ?? Number.POSITIVE_INFINITY;
  const byNeed = (a: C, b: C) =>
    // Two infinities have no difference.
    (lag(a) === lag(b) ? 0 : lag(b) - lag(a)) || b.bufferedBytes - a.bufferedBytes || b.since - a.since;
  return [...connections].sort(byNeed).slice(0, most);
}
