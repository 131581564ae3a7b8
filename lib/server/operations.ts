import type { HistoryService } from "./history/start-history";
import { createGate, type Gate } from "./http/gate";
import { createLoadMeter } from "./http/load-meter";
import { type Answered, createRequestLog } from "./http/request-log";
import type { RequestStats } from "./http/request-stats";
import type { Visit } from "./http/visit";
import type { Hub } from "./hub/hub";
import type { Logger } from "./logger";
import { createMetrics, type Metrics } from "./metrics";
import type { LimitSettings } from "./settings";
import type { Deliveries } from "./transports/delivered";

export interface OperationsOptions {
  limits: LimitSettings;
  logger: Logger;
  hub: Pick<Hub, "stats">;
  requests: RequestStats;
  deliveries: Deliveries;
  viewers(): Record<keyof Deliveries, number>;
  archive: Pick<HistoryService, "stats">;
  now: () => number;
}

export interface Operations {
  /** What the HTTP server asks before, and tells after, each request; and what it tells when it takes the first. */
  door: { gate: Gate; answered: (visit: Visit, answer: Answered) => void; opened: () => void };
  metrics: Metrics;
  stop(): void;
}

/** Limits, shedding, metrics and the log of requests, put together. */
export function startOperations(options: OperationsOptions): Operations {
  const { limits, logger, hub, requests, deliveries, viewers, archive, now } = options;
  const meter = createLoadMeter(({ on, reason }, load) =>
    logger.warn({ reason, ...load }, on ? "overloaded: new work is refused" : "new work is taken again"),
  );
  const gate = createGate({ limits, isShedding: () => meter.shedding.on });
  const metrics = createMetrics({
    hub,
    viewers,
    deliveries,
    held: () => gate.held,
    maxConnections: limits.connections,
    meter,
    archive,
    now,
  });
  const logRequest = createRequestLog(logger);
  return {
    door: {
      gate,
      opened: meter.begin,
      answered(visit, answer) {
        if (!visit.kind.held) requests.record(answer.durationMs, answer.status);
        metrics.answered(visit, answer);
        logRequest(visit, answer);
      },
    },
    metrics,
    stop: meter.stop,
  };
}
