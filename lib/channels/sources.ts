import { defineChannel } from "@/lib/shared/define-channel";

/** Where each channel's data comes from, and how that is. */
export const sources = defineChannel({
  kind: "table",
  name: "sources",
  title: "Sources",
  cadence: 1000,
  maxAge: 10_000,
  filledBy: "source",
  key: "channel",
  maxRows: 1000,
  columns: {
    channel: { title: "Channel", type: "text" },
    title: { title: "Fills", type: "text" },
    kind: { title: "Kind", type: "text" },
    target: { title: "Reads", type: "text" },
    state: { title: "State", type: "text" },
    reason: { title: "Reason", type: "text" },
    failures: { title: "Failures in a row", type: "number", unit: "count", digits: 0 },
    lastSuccess: { title: "Last success", type: "time" },
    lastTry: { title: "Last try", type: "time" },
    nextTry: { title: "Next try", type: "time" },
    lag: { title: "Lag", type: "number", unit: "milliseconds", digits: 0 },
    waiting: { title: "Waiting", type: "number", unit: "count", digits: 0 },
    readings: { title: "Readings", type: "number", unit: "count", digits: 0 },
    rejected: { title: "Rejected", type: "number", unit: "count", digits: 0 },
    rejection: { title: "Last rejection", type: "text" },
    dropped: { title: "Left out", type: "number", unit: "count", digits: 0 },
  },
});
