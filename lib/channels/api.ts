import { defineChannel, type MetricOptions } from "@/lib/shared/define-channel";

/** How many requests a second were answered in so long a time, averaged over the last five seconds. */
function answered(how: string): MetricOptions {
  return {
    title: `Answered ${how}`,
    unit: "perSecond",
    type: "rate",
    min: 0,
    about: `Requests a second that all nodes answered ${how}. Live streams and held requests do not count.`,
  };
}

/** The HTTP interface of all nodes and their viewers. */
export const api = defineChannel({
  kind: "record",
  name: "api",
  title: "API",
  cadence: 1000,
  maxAge: 5000,
  filledBy: "source",
  metrics: {
    requests: {
      title: "Requests",
      unit: "perSecond",
      type: "rate",
      digits: 1,
      min: 0,
      about: "Requests that all nodes answered, averaged over the last five seconds.",
    },
    average: {
      title: "Average response time",
      unit: "milliseconds",
      good: "down",
      digits: 1,
      min: 0,
      about: "Mean time to answer a request in the last minute. Live streams and held requests do not count.",
    },
    p95: {
      title: "p95 response time",
      unit: "milliseconds",
      good: "down",
      digits: 1,
      min: 0,
      about: "95 of 100 requests of the last minute were answered faster than this, on the slowest node.",
    },
    p99: {
      title: "p99 response time",
      unit: "milliseconds",
      good: "down",
      digits: 1,
      min: 0,
      about: "99 of 100 requests of the last minute were answered faster than this, on the slowest node.",
    },
    errorRate: {
      title: "Error rate",
      unit: "percent",
      good: "down",
      digits: 2,
      min: 0,
      max: 100,
      thresholds: [{ value: 1, label: "Too many", level: "bad" }],
      about: "Share of the last minute's requests that failed on the server (status 500 and above).",
    },
    viewers: {
      title: "Active viewers",
      unit: "count",
      digits: 0,
      min: 0,
      about: "Live connections to all nodes, whatever their transport.",
    },
    viewersSocket: {
      title: "Viewers on WebSocket",
      unit: "count",
      digits: 0,
      min: 0,
      about: "Viewers that get their updates over a WebSocket.",
    },
    viewersSse: {
      title: "Viewers on SSE",
      unit: "count",
      digits: 0,
      min: 0,
      about: "Viewers that get their updates as server-sent events.",
    },
    viewersLongPoll: {
      title: "Viewers on long-poll",
      unit: "count",
      digits: 0,
      min: 0,
      about: "Viewers whose requests are held until there is news.",
    },
    viewersPoll: {
      title: "Viewers on polling",
      unit: "count",
      digits: 0,
      min: 0,
      about: "Viewers that ask again every few seconds.",
    },
    under5: answered("in under 5 ms"),
    under10: answered("in 5 to 10 ms"),
    under25: answered("in 10 to 25 ms"),
    under50: answered("in 25 to 50 ms"),
    under100: answered("in 50 to 100 ms"),
    under250: answered("in 100 to 250 ms"),
    under500: answered("in 250 to 500 ms"),
    under1000: answered("in 500 ms to 1 s"),
    over1000: answered("in over 1 s"),
  },
});
