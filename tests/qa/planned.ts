/** Faults whose part of the product is still to be built: their scenario comes with it. */
export const PLANNED: readonly { row: string; fault: string; waitsFor: string }[] = [
  { row: "11", fault: "eight tabs over HTTP/1.1", waitsFor: "tabs that share one connection (C5)" },
];
