/**
 * `npm run bench:ingest`: how much producers can post, each post acknowledged after its commit, while 200 viewers get
 * every update. Server, producers and viewers share the machine.
 *
 *   --seconds N    how long each load is measured, 10 by default
 *   --viewers N    200 by default
 *   --check        exit code 1 when a target is missed
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startChild } from "./calls";
import { openLab, outcomeOf } from "./lab";
import { Latencies } from "./latencies";
import type { Load } from "./load";
import type { ProducerCalls, ProducerStart } from "./producers";
import { untilQuiet } from "./quiet";
import { machine } from "./report";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "10" },
    viewers: { type: "string", default: "200" },
    check: { type: "boolean", default: false },
  },
});
const seconds = Number(values.seconds);
const viewers = Number(values.viewers);
const WARM_UP_MS = 3000;
const DRAIN_MS = 10_000;
const LOAD: Load = { kind: "record", channels: 10, perSecond: 10, staggered: true };
let isMissed = false;

function judge(what: string, figure: number, limit: number, unit: string, isFloor = false): void {
  const ok = isFloor ? figure >= limit : figure <= limit;
  isMissed ||= !ok;
  const sign = isFloor ? "≥" : "≤";
  process.stdout.write(
    `  ${what}: ${figure.toFixed(0)} ${unit} (target ${sign} ${limit}) ${ok ? "ok" : "MISSED"}\n`,
  );
}

async function run(about: string, start: Omit<ProducerStart, "port" | "load">, count: number) {
  await untilQuiet(60_000);
  process.stdout.write(`\n${about}\n`);
  const lab = await openLab("nowboard", LOAD, []);
  const producers = startChild<ProducerCalls>("./producers.ts");
  try {
    const clients = count === 0 ? [] : [await lab.connect({ viewers: count, checkOneIn: 20 })];
    await producers.ask("start", { port: lab.port, load: LOAD, ...start });
    await sleep(WARM_UP_MS);
    await producers.ask("figures", null);
    await Promise.all(clients.map((part) => part.ask("begin", null)));
    const cpuBefore = await lab.cpuUs();
    await sleep(seconds * 1000);
    const { accepted, posts, latencies: counts } = await producers.ask("figures", null);
    const cpuUs = (await lab.cpuUs()) - cpuBefore;
    await Promise.all(clients.map((part) => part.ask("end", null)));
    const numbers = await producers.ask("halt", null);
    const outcome = await outcomeOf(clients, numbers, DRAIN_MS);
    const latencies = new Latencies();
    latencies.merge(counts);
    const cpu = (cpuUs / (seconds * 1e6)) * 100;
    process.stdout.write(
      `  ${(accepted / seconds).toFixed(0)} updates/s in ${(posts / seconds).toFixed(0)} posts/s, ` +
        `acknowledged after ${latencies.percentile(0.5)} ms (p50), ${latencies.percentile(0.99)} ms (p99)\n` +
        `  server: ${cpu.toFixed(0)} % of a core, ${(cpuUs / accepted).toFixed(0)} µs an update\n`,
    );
    const { missed, doubled, disordered, broken, p50Ms, p99Ms } = outcome;
    if (count > 0)
      process.stdout.write(
        `  delivered after ${p50Ms} ms (p50), ${p99Ms} ms (p99); ` +
          `${missed} missed, ${doubled} doubled, ${disordered} out of order, ${broken} broken\n`,
      );
    judge("lost, doubled or out of order", missed + doubled + disordered + broken, 0, "updates");
    return { perSecond: accepted / seconds, p99Ms: p99Ms ?? 0 };
  } finally {
    await producers.stop();
    await lab.close();
  }
}

async function main(): Promise<void> {
  process.stdout.write(`${machine()}\n`);
  const batches = await run(
    `5,000 updates/s in batches of 50, ${viewers} viewers of all`,
    { batch: 50, perSecond: 10 },
    viewers,
  );
  judge("sustained", batches.perSecond, 4950, "updates/s", true);
  judge("delivery p99", batches.p99Ms, 100, "ms");
  const single = await run("single posts, 10 producers, as fast as they are answered", { batch: 1 }, 0);
  judge("sustained", single.perSecond, 1500, "posts/s", true);
  if (values.check && isMissed) process.exitCode = 1;
}

main().catch((error) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
});
