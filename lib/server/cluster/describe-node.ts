import { hostname } from "node:os";
import type { RequestFigures } from "@/lib/server/http/request-stats";
import manifest from "@/package.json";
import type { Connections } from "./connections";
import type { NodeFigures } from "./node-figures";
import { type NodeReport, worthTelling } from "./report";

/** The head is confirmed each second; up to this a node counts as being at it, ms. */
const USUAL_MS = 2000;

export interface NodeDescription {
  node: string;
  /** When the process began, ms since 1970. */
  startedAt: number;
  now: () => number;
  connections: Pick<Connections, "list">;
  figures(): NodeFigures;
  requests(): RequestFigures;
  viewers(): NodeReport["viewers"];
  /** When the engine confirmed a head that this node has read up to, ms. */
  confirmedAt(): number;
  isDraining(): boolean;
  /** The channels whose sources run here. */
  sources(): string[];
  redisMs(): number | null;
}

/** What is asked for in one tick of the sources is looked at once, ms: a node may have 10,000 connections. */
const SHARED_MS = 200;

/** Gives what this node says of itself, as of now or a moment ago. */
export function nodeDescriber(of: NodeDescription): () => NodeReport {
  let last: { at: number; report: NodeReport } | undefined;
  return () => {
    const at = performance.now();
    if (!last || at - last.at >= SHARED_MS) last = { at, report: describe(of) };
    return last.report;
  };
}

function describe(of: NodeDescription): NodeReport {
  const { rss, heapUsed } = process.memoryUsage();
  const unconfirmed = of.now() - of.confirmedAt();
  return {
    node: of.node,
    host: hostname(),
    version: manifest.version,
    startedAt: of.startedAt,
    draining: of.isDraining(),
    viewers: of.viewers(),
    logLagMs: unconfirmed < USUAL_MS ? 0 : unconfirmed,
    ...of.figures(),
    rss,
    heap: heapUsed,
    sources: of.sources(),
    redisMs: of.redisMs(),
    requests: of.requests(),
    connections: worthTelling(of.connections.list()),
  };
}
