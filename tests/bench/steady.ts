import { setTimeout as sleep } from "node:timers/promises";
import { type Lab, openLab, outcomeOf, type ViewerGroup } from "./lab";
import type { Load } from "./load";
import type { PeerName } from "./readers";
import { type Row, ratio, type Scenario } from "./scenario";
import type { Usage } from "./serve";

/** Until code is compiled, buffers are allocated and Nowboard's flush window has settled. */
const WARM_UP_MS = 4000;
const MEASURE_MS = 8000;
const DRAIN_MS = 5000;

export interface Steady {
  /** How many servers; more than one meet in Redis. */
  nodes?: number;
  load: Load;
  /** One process of viewers each. */
  groups: ViewerGroup[];
}

/** Publishes at a fixed rate to connected viewers, and measures after a warm-up. */
export async function runSteady(
  scenario: string,
  peer: PeerName,
  { load, groups, nodes }: Steady,
  nodeOptions: string[],
): Promise<Row> {
  const lab = await openLab(peer, load, nodeOptions, nodes);
  try {
    const clients = await Promise.all(groups.map((group) => lab.connect(group)));
    await lab.server.ask("publish", null);
    await sleep(WARM_UP_MS);
    await Promise.all(clients.map((part) => part.ask("begin", null)));
    const [before, cpuBefore] = await usageOf(lab);
    await sleep(MEASURE_MS);
    const [after, cpuAfter] = await usageOf(lab);
    const counts = await Promise.all(clients.map((part) => part.ask("end", null)));
    const numbers = await lab.server.ask("halt", null);
    const outcome = await outcomeOf(clients, numbers, DRAIN_MS);
    const viewers = groups.reduce((sum, group) => sum + group.viewers, 0);
    // All viewers subscribe to all channels.
    const delivered = (after.published - before.published) * viewers;
    return {
      scenario,
      peer,
      viewers,
      cpuUsPerUpdate: (cpuAfter - cpuBefore) / delivered,
      bytesPerUpdate: counts.reduce((sum, { bytes }) => sum + bytes, 0) / delivered,
      packetsPerUpdate: counts.reduce((sum, { packets }) => sum + packets, 0) / delivered,
      ...outcome,
      rssMb: after.rssMb,
    };
  } finally {
    await lab.close();
  }
}

function usageOf(lab: Lab): Promise<[Usage, number]> {
  return Promise.all([lab.server.ask("usage", { collect: false }), lab.cpuUs()]);
}

export function steady(
  name: string,
  config: Steady,
  rest: Pick<Scenario, "flag" | "about" | "targets">,
): Scenario {
  return { name, ...rest, run: (peer, nodeOptions) => runSteady(name, peer, config, nodeOptions) };
}

export const PAGE: Load = { kind: "record", channels: 8, perSecond: 10, staggered: false };
const PAGE_VIEWERS: ViewerGroup[] = [{ viewers: 500, checkOneIn: 10 }];

export const steadyScenarios: Scenario[] = [
  steady(
    "page-together",
    { load: PAGE, groups: PAGE_VIEWERS },
    {
      flag: "page",
      about: "500 viewers of 8 channels, each 10 updates/s, all due at the same moments",
      targets: [
        { what: "CPU, of Socket.IO's", limit: 0.25, figure: ratio("cpuUsPerUpdate") },
        { what: "bytes, of Socket.IO's", limit: 0.4, figure: ratio("bytesPerUpdate") },
      ],
    },
  ),
  steady(
    "page-staggered",
    { load: { ...PAGE, staggered: true }, groups: PAGE_VIEWERS },
    {
      flag: "page",
      about: "the same with the channels spread evenly over the 100 ms",
      targets: [
        { what: "CPU, of Socket.IO's", limit: 0.5, figure: ratio("cpuUsPerUpdate") },
        { what: "bytes, of Socket.IO's", limit: 0.4, figure: ratio("bytesPerUpdate") },
      ],
    },
  ),
  steady(
    "fanout",
    {
      load: { ...PAGE, channels: 1 },
      groups: [
        { viewers: 500, checkOneIn: 10 },
        { viewers: 500, checkOneIn: 10 },
      ],
    },
    {
      flag: "fanout",
      about: "1000 viewers of one channel, 10 updates/s",
      targets: [{ what: "CPU, of Socket.IO's", limit: 1.1, figure: ratio("cpuUsPerUpdate") }],
    },
  ),
  steady(
    "latency",
    {
      load: { kind: "record", channels: 8, perSecond: 1, staggered: true },
      groups: [{ viewers: 20, checkOneIn: 1 }],
    },
    {
      flag: "latency",
      about: "20 viewers of 8 channels, each 1 update/s: a quiet machine",
      targets: [{ what: "p99, ms", limit: 20, figure: ({ nowboard }) => nowboard.p99Ms }],
    },
  ),
];
