import { codeOf } from "@/lib/shared/codes";
import type { Channel } from "@/lib/shared/define-channel";
import type { Cluster } from "../cluster/cluster";
import type { Connections } from "../cluster/connections";
import { answerHistory } from "../history/history-endpoint";
import type { ReadHistory } from "../history/history-reader";
import type { Hub } from "../hub/hub";
import type { Logger } from "../logger";
import type { Metrics } from "../metrics";
import { createOpenApi } from "../openapi/openapi";
import type { Annotations } from "../transports/annotations";
import type { Deliveries } from "../transports/delivered";
import type { Ingest } from "../transports/ingest";
import { type PollContext, poll, snapshot } from "../transports/poll";
import { eventStream, streamFanout } from "../transports/sse";
import { problemResponse } from "./problem";
import { currentVisit } from "./visit";

/** A poller that has not asked for this long has left, ms: twice the longest usual interval. */
const POLLER_MS = 10_000;

export interface EndpointOptions {
  hub: Hub;
  names: ReadonlySet<string>;
  channels: readonly Channel[];
  ingest: Ingest;
  annotations: Annotations;
  connections: Connections;
  cluster: Pick<Cluster, "disconnect" | "drain">;
  /** Asks for news of a source now, on whichever node it runs; rejects with a `CodedError`. */
  testSource: (channel: string) => Promise<void>;
  readHistory: ReadHistory;
  /** What an operator should change about the log's engine or the archive. */
  advice: () => Promise<string[]>;
  /** This process ends soon. */
  isStopping: () => boolean;
  logger: Logger;
  now: () => number;
  viewer: string;
  deliveries: Deliveries;
  metrics: Pick<Metrics, "contentType" | "text">;
}

export type Endpoints = ReturnType<typeof createEndpoints>;

/** What the route handlers answer with. Errors become problem documents here, in one place. */
export function createEndpoints(options: EndpointOptions) {
  const { hub, names, channels, ingest, cluster, logger, now, deliveries, metrics, advice, isStopping } =
    options;
  const { readHistory, annotations } = options;
  const context: PollContext = { ...options, known: names };
  const streams = { ...options, known: names, fanout: streamFanout(deliveries.sse) };
  /** When plain polls came in, for counting who polls. */
  let polls: number[] = [];

  function guarded<A extends unknown[]>(
    handle: (request: Request, ...rest: A) => Response | Promise<Response>,
  ) {
    return async (request: Request, ...rest: A): Promise<Response> => {
      try {
        return await handle(request, ...rest);
      } catch (error) {
        const code = codeOf(error);
        const visit = currentVisit();
        if (visit) visit.code = code ?? "internal";
        if (code === undefined)
          logger.error({ err: error, path: new URL(request.url).pathname }, "a request met a fault");
        return problemResponse(error);
      }
    };
  }

  return {
    events: guarded((request) => eventStream(streams, request)),
    poll: guarded((request) => {
      if (!new URL(request.url).searchParams.get("wait")) polls.push(now());
      return poll(context, request);
    }),
    snapshot: guarded((request) => snapshot(context, request)),
    history: guarded((request) => answerHistory(readHistory, request)),
    ingest: guarded((request, channel: string) => ingest.handle(request, channel)),
    annotations: guarded((request) => annotations.list(request)),
    annotate: guarded((request) => annotations.add(request)),
    removeAnnotation: guarded(async (_request, annotation: string) => {
      const answer = await annotations.remove(annotation);
      logger.info({ annotation }, "an annotation was removed on request");
      return answer;
    }),
    /** Ends a connection on whichever node; 202, as its client comes back by itself. */
    disconnect: guarded(async (_request, connection: string) => {
      await cluster.disconnect(connection);
      logger.info({ connection }, "a connection was ended on request");
      return accepted();
    }),
    /** Asks a node to send its viewers away and to end. */
    drain: guarded(async (_request, node: string) => {
      await cluster.drain(node);
      logger.info({ node }, "a node was asked to drain");
      return accepted();
    }),
    /** Asks a source for news now; what comes of it is in the channel `sources`. */
    testSource: guarded(async (_request, channel: string) => {
      await options.testSource(channel);
      logger.info({ channel }, "a source was asked for news on request");
      return accepted();
    }),
    channels: guarded(() =>
      Response.json({ channels }, { headers: { "Cache-Control": "private, no-store" } }),
    ),
    openApi: guarded(createOpenApi(channels)),
    /** This process is alive. `build` is which one it serves: Next leaves that there for its own code. */
    health: guarded(() =>
      Response.json(
        { status: "ok", build: process.env.NEXT_DEPLOYMENT_ID || undefined },
        { headers: { "Cache-Control": "no-store" } },
      ),
    ),
    /**
     * 503 while the log is out of reach, or before this process ends: a load balancer should then ask another
     * node. `warnings` are what an operator should know although it works.
     */
    ready: guarded(async () => {
      const { delayedSince, cursor } = hub;
      const isReachable = delayedSince === undefined;
      const status = isStopping() ? "stopping" : isReachable ? "ok" : "log out of reach";
      const warnings = isReachable ? await advice().catch(() => []) : [];
      return Response.json(
        { status, cursor, delayedSince, warnings },
        {
          status: status === "ok" ? 200 : 503,
          headers: { "Cache-Control": "no-store" },
        },
      );
    }),
    metrics: guarded(async () => {
      const headers = { "Content-Type": metrics.contentType, "Cache-Control": "no-store" };
      return new Response(await metrics.text(), { headers });
    }),
    /** How many viewers poll without waiting, judged by the polls of the last seconds: one each 5 s. */
    pollers(): number {
      polls = polls.filter((at) => at > now() - POLLER_MS);
      return Math.ceil(polls.length / (POLLER_MS / 5000));
    },
  };
}

function accepted(): Response {
  return Response.json({ status: "accepted" }, { status: 202, headers: { "Cache-Control": "no-store" } });
}
