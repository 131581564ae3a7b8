import { describe, expect, it } from "vitest";
import { judge, summarize } from "../bench/report";
import { type Pair, type Row, ratio, type Scenario } from "../bench/scenario";

const ROW: Row = {
  scenario: "page-together",
  peer: "nowboard",
  viewers: 500,
  cpuUsPerUpdate: 2,
  bytesPerUpdate: 200,
  packetsPerUpdate: 0.125,
  p50Ms: 3,
  p99Ms: 9,
  missed: 0,
  doubled: 0,
  disordered: 0,
  broken: 0,
};

function pair(mine: Partial<Row>, other: Partial<Row>): Pair {
  return {
    nowboard: { ...ROW, ...mine } as Row,
    "socket.io": { ...ROW, ...other, peer: "socket.io" } as Row,
  };
}

const SCENARIO: Scenario = {
  name: "page-together",
  flag: "page",
  about: "",
  run: () => Promise.reject(),
  targets: [{ what: "CPU", limit: 0.25, figure: ratio("cpuUsPerUpdate") }],
};

/** The verdicts on CPU and on mistakes. */
function verdicts(pairs: Pair[]) {
  return judge({ scenario: SCENARIO, pairs }).map(({ figure, ok }) => [figure, ok]);
}

describe("the benchmark's verdicts", () => {
  it("take ratios within a run and the median of them", () => {
    // The machine was slower in the second run. The median of each peer's figures would give 4 / 16.
    const pairs = [
      [4, 10],
      [40, 100],
      [2, 16],
    ].map(([mine, other]) => pair({ cpuUsPerUpdate: mine }, { cpuUsPerUpdate: other }));
    expect(verdicts(pairs)[0]).toEqual([0.4, false]);
  });

  it("are good at the limit", () => {
    expect(verdicts([pair({ cpuUsPerUpdate: 2 }, { cpuUsPerUpdate: 8 })])[0]).toEqual([0.25, true]);
  });

  it("are not good when a figure is missing", () => {
    expect(verdicts([pair({ cpuUsPerUpdate: null }, {})])[0]).toEqual([null, false]);
  });

  it("forgive no mistake in any run, and only count Nowboard's", () => {
    const clean = pair({}, { missed: 5, doubled: 5 });
    expect(verdicts([clean, clean, clean])[1]).toEqual([0, true]);
    expect(verdicts([clean, pair({ doubled: 1 }, {}), clean])[1]).toEqual([1, false]);
  });
});

describe("the benchmark's rows", () => {
  it("hold medians, and the most of mistakes", () => {
    const rows = [
      { ...ROW, p99Ms: 9, missed: 0 },
      { ...ROW, p99Ms: 1, missed: 7 },
      { ...ROW, p99Ms: 4, missed: 0 },
    ];
    expect(summarize(rows)).toMatchObject({ scenario: "page-together", p99Ms: 4, missed: 7 });
  });

  it("leave out runs without a figure", () => {
    expect(summarize([{ ...ROW, p50Ms: null }, ROW])).toMatchObject({ p50Ms: 3 });
  });
});
