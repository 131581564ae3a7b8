import type { ViewerGroup } from "./lab";
import { ratio, type Scenario } from "./scenario";
import { PAGE, runSteady, type Steady, steady } from "./steady";

/** Half of the viewers on each of two nodes. */
function inTwo(viewers: number): ViewerGroup[] {
  return [0, 1].map((node) => ({ viewers: viewers / 2, checkOneIn: 10, node }));
}

const FANOUT: Steady = { load: { ...PAGE, channels: 1 }, groups: inTwo(1000), nodes: 2 };
const ON_ONE: Steady = { ...FANOUT, groups: FANOUT.groups.map((group) => ({ ...group, node: 0 })), nodes: 1 };

/** Two servers that meet in Redis, whose CPU time counts with theirs. */
export const clusterScenarios: Scenario[] = [
  steady(
    "cluster-page",
    { load: PAGE, groups: inTwo(500), nodes: 2 },
    {
      flag: "cluster",
      about: "page-together with the viewers on two nodes",
      targets: [
        { what: "CPU, of Socket.IO's with its Redis adapter", limit: 0.25, figure: ratio("cpuUsPerUpdate") },
      ],
    },
  ),
  {
    name: "cluster-fanout",
    flag: "cluster",
    about: "fanout with the viewers on two nodes, beside the same on one",
    run: async (peer, nodeOptions) => {
      const row = await runSteady("cluster-fanout", peer, FANOUT, nodeOptions);
      const one = await runSteady("cluster-fanout", peer, ON_ONE, nodeOptions);
      return { ...row, oneNodeCpuUs: one.cpuUsPerUpdate };
    },
    targets: [
      {
        what: "CPU, of Nowboard's own on one node",
        limit: 1.2,
        figure: ({ nowboard }) => (nowboard.cpuUsPerUpdate ?? 0) / Number(nowboard.oneNodeCpuUs),
      },
    ],
    extras: { oneNodeCpuUs: "on one node µs" },
  },
  steady(
    "cluster-latency",
    {
      load: { kind: "record", channels: 8, perSecond: 1, staggered: true },
      groups: [{ viewers: 20, checkOneIn: 1, node: 1 }],
      nodes: 2,
    },
    {
      flag: "cluster",
      about: "latency with the producer on one node and the viewers on the other",
      targets: [{ what: "p99, ms", limit: 25, figure: ({ nowboard }) => nowboard.p99Ms }],
    },
  ),
];
