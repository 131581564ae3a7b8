/** Faults whose part of the product is still to be built: their scenario comes with it. */
export const PLANNED: readonly { row: string; fault: string; waitsFor: string }[] = [
  { row: "11", fault: "eight tabs over HTTP/1.1", waitsFor: "tabs that share one connection (C5)" },
  { row: "13", fault: "away longer than the log's retention", waitsFor: "history" },
  {
    row: "35",
    fault: "change to summer time, viewer in another time zone",
    waitsFor: "history and time ranges",
  },
];
