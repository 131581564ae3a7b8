import { setTimeout as sleep } from "node:timers/promises";
import { type Clients, type Lab, openLab, outcomeOf } from "./lab";
import type { Load } from "./load";
import type { PeerName } from "./readers";
import type { Row, Scenario } from "./scenario";

const NAME = "slow";
const LOAD: Load = { kind: "feed", channels: 1, perSecond: 100, staggered: false };
const GROUP = { viewers: 50, checkOneIn: 1 };
/** More than Nowboard's ring holds, so that memory is what it will be before anybody is slow. */
const FILL_UPDATES = 1500;
const WARM_UP_MS = 3000;
const PAUSE_MS = 10_000;
const SAMPLE_MS = 250;
const CATCH_UP_MS = 8000;
const DRAIN_MS = 8000;

async function withLab<T>(peer: PeerName, nodeOptions: string[], run: (lab: Lab) => Promise<T>): Promise<T> {
  const lab = await openLab(peer, LOAD, ["--expose-gc", ...nodeOptions]);
  try {
    await lab.server.ask("fill", FILL_UPDATES);
    return await run(lab);
  } finally {
    await lab.close();
  }
}

/** The normal viewers alone. */
async function measureUndisturbed(lab: Lab) {
  const normal = await lab.connect(GROUP);
  await lab.server.ask("publish", null);
  await sleep(WARM_UP_MS);
  await normal.ask("begin", null);
  await sleep(PAUSE_MS);
  await normal.ask("end", null);
  return outcomeOf([normal], await lab.server.ask("halt", null), DRAIN_MS);
}

/** The highest memory while some do not read, MB: as sampled, and at the end after a collection. */
async function watchMemory(lab: Lab) {
  let peak = 0;
  for (let waited = 0; waited < PAUSE_MS; waited += SAMPLE_MS) {
    await sleep(SAMPLE_MS);
    peak = Math.max(peak, (await lab.server.ask("usage", { collect: false })).rssMb);
  }
  return { peak, end: await lab.server.ask("usage", { collect: true }) };
}

/** Half of the viewers stop reading for a while, and then go on. */
async function measureDisturbed(lab: Lab) {
  // In a process of their own, as what they read at once afterwards is work for their process, too.
  const [normal, slow] = (await Promise.all([lab.connect(GROUP), lab.connect(GROUP)])) as [Clients, Clients];
  await lab.server.ask("publish", null);
  await sleep(WARM_UP_MS);
  const before = await lab.server.ask("usage", { collect: true });
  await normal.ask("begin", null);
  await slow.ask("pause", true);
  const memory = await watchMemory(lab);
  await slow.ask("pause", false);
  const caughtUpMs = await slow.ask("reach", { numbers: memory.end.numbers, limitMs: CATCH_UP_MS });
  await normal.ask("end", null);
  const numbers = await lab.server.ask("halt", null);
  const outcome = await outcomeOf([normal], numbers, DRAIN_MS);
  const { missed, doubled, disordered, broken } = await outcomeOf([slow], numbers, DRAIN_MS);
  return {
    ...outcome,
    missed: outcome.missed + missed,
    doubled: outcome.doubled + doubled,
    disordered: outcome.disordered + disordered,
    broken: outcome.broken + broken,
    caughtUpMs,
    memoryGrowthMb: memory.end.rssMb - before.rssMb,
    peakGrowthMb: memory.peak - before.rssMb,
  };
}

async function runSlow(peer: PeerName, nodeOptions: string[]): Promise<Row> {
  const undisturbed = await withLab(peer, nodeOptions, measureUndisturbed);
  const disturbed = await withLab(peer, nodeOptions, measureDisturbed);
  return {
    scenario: NAME,
    peer,
    viewers: 2 * GROUP.viewers,
    cpuUsPerUpdate: null,
    bytesPerUpdate: null,
    packetsPerUpdate: null,
    ...disturbed,
    p99AloneMs: undisturbed.p99Ms,
  };
}

export const slow: Scenario = {
  name: NAME,
  flag: "slow",
  about: "50 of 100 viewers read nothing for 10 s, at 100 updates/s of 8 kB; p50 and p99 are the others'",
  run: runSlow,
  targets: [
    { what: "memory growth, MB", limit: 20, figure: ({ nowboard }) => nowboard.memoryGrowthMb as number },
    {
      what: "p99, of without slow ones",
      limit: 2,
      figure: ({ nowboard }) => (nowboard.p99Ms ?? Number.NaN) / Number(nowboard.p99AloneMs),
    },
  ],
  extras: {
    memoryGrowthMb: "memory growth MB",
    peakGrowthMb: "at its peak MB",
    p99AloneMs: "p99 without slow ones, ms",
    caughtUpMs: "slow ones caught up after ms",
  },
};
