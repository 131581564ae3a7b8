/** Faults whose part of the product is still to be built: their scenario comes with it. */
export const PLANNED: readonly { row: string; fault: string; waitsFor: string }[] = [
  { row: "11", fault: "eight tabs over HTTP/1.1", waitsFor: "tabs that share one connection (C5)" },
  { row: "13", fault: "away longer than the log's retention", waitsFor: "history" },
  { row: "16", fault: "rolling restart of two nodes behind nginx", waitsFor: "many nodes" },
  { row: "18", fault: "memory pressure", waitsFor: "limits and shedding (H4)" },
  { row: "21", fault: "nginx round-robin without stickiness", waitsFor: "many nodes" },
  {
    row: "22–27",
    fault: "Redis killed, silent, flushed, cut off or slow",
    waitsFor: "the Redis engine (K1–K2)",
  },
  {
    row: "35",
    fault: "change to summer time, viewer in another time zone",
    waitsFor: "history and time ranges",
  },
];
