/**
 * `npm run bench:sources`: what messages from Kafka and MQTT cost a node, and whether its memory stays bounded. It needs
 * mosquitto, and Java and Maven for Kafka (or KAFKA_BROKERS).
 *
 *   --rate N       messages a second, 5000 by default
 *   --seconds N    how long each load is measured, 20 by default
 *   --check        exit code 1 when a target is missed
 */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Producer } from "@platformatic/kafka";
import type { SourceOptions } from "@/lib/shared/sources/declare-source";
import { env } from "@/lib/shared/sources/options";
import { startKafka } from "@/tests/support/kafka-server";
import { startMosquitto } from "@/tests/support/mosquitto-server";
import { startChild } from "./calls";
import { untilQuiet } from "./quiet";
import { machine } from "./report";
import type { SourceServerCalls } from "./server-sources";

const KEYS = 1000;
const STEP_MS = 20;
const WARM_UP_S = 3;
const MAX_GROWN_MB = 200;
const MAX_LAG_MS = 2000;

const { values } = parseArgs({
  options: {
    rate: { type: "string", default: "5000" },
    seconds: { type: "string", default: "20" },
    check: { type: "boolean", default: false },
  },
});
const rate = Number(values.rate);
const seconds = Number(values.seconds);
let isMissed = false;

interface Load {
  title: string;
  options: SourceOptions;
  env: Record<string, string>;
  send(rows: readonly { id: string; n: number; sent: number }[]): Promise<unknown>;
}

/** Sends at the rate, and gives what each key was sent last. */
async function sendFor(runS: number, from: number, send: Load["send"]): Promise<Record<string, number>> {
  const last: Record<string, number> = {};
  const begun = performance.now();
  let n = from;
  while (performance.now() < begun + runS * 1000) {
    const due = from + Math.floor(((performance.now() - begun) / 1000) * rate);
    const rows = Array.from({ length: due - n }, (_, i) => ({
      id: `m${(n + i) % KEYS}`,
      n: n + i,
      sent: Date.now(),
    }));
    for (const row of rows) last[row.id] = row.n;
    n = due;
    if (rows.length > 0) await send(rows);
    await sleep(STEP_MS);
  }
  return last;
}

function judge(what: string, figure: number, limit: number, unit: string): void {
  const ok = figure <= limit;
  if (!ok) isMissed = true;
  process.stdout.write(
    `  ${what}: ${figure.toFixed(1)} ${unit} (target ≤ ${limit}) ${ok ? "ok" : "MISSED"}\n`,
  );
}

async function measure(load: Load): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "nowboard-sources-bench-"));
  const busy = Math.round(100 * (await untilQuiet(30_000)));
  process.stdout.write(`\n${load.title}, ${rate} messages/s for ${seconds} s, ${KEYS} rows\n`);
  if (busy > 15) process.stdout.write(`  other work takes ${busy} % of this machine: expect worse figures\n`);
  const server = startChild<SourceServerCalls>("./server-sources.ts");
  try {
    await server.ask("start", { folder, options: load.options, env: load.env });
    await sendFor(WARM_UP_S, 0, load.send);
    await server.ask("measure", {});
    const rows = await sendFor(seconds, WARM_UP_S * rate, load.send);
    const figures = await server.ask("finish", { rows }, 60_000);
    process.stdout.write(
      `  CPU: ${figures.cpuPercent.toFixed(0)} % of a core; ${figures.stored} updates stored\n`,
    );
    judge("rows without their last message", figures.missing, 0, "");
    judge("memory grown by at most", figures.grownMb, MAX_GROWN_MB, "MB");
    judge("lag at the end", figures.lagMs, MAX_LAG_MS, "ms");
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

process.stdout.write(`${machine()}\n`);
const kafka = await startKafka();
const producer = new Producer({ clientId: "bench", bootstrapBrokers: kafka.brokers.split(","), acks: 1 });
for (const policy of [{ latest: 200 }, "every"] as const) {
  const topic = kafka.newTopic();
  await kafka.createTopic(topic, 3);
  await measure({
    title: `Kafka, ${policy === "every" ? "every message stored" : "the newest of each row each 200 ms"}`,
    options: { kind: "kafka", brokers: env("KAFKA"), topic, group: topic, from: "earliest", policy },
    env: { KAFKA: kafka.brokers },
    send: (rows) =>
      producer.send({
        messages: rows.map((row) => ({
          topic,
          key: Buffer.from(row.id),
          value: Buffer.from(JSON.stringify(row)),
        })),
      }),
  });
}
await producer.close();
await kafka.close();

const mosquitto = await startMosquitto();
const publisher = await mosquitto.publisher();
const root = randomUUID();
await measure({
  title: "MQTT, the newest of each row each 200 ms",
  options: { kind: "mqtt", url: env("MQTT"), topics: [`${root}/+`], policy: { latest: 200 } },
  env: { MQTT: mosquitto.url },
  send: (rows) =>
    Promise.all(
      rows.map((row) => publisher.publishAsync(`${root}/${row.id}`, JSON.stringify(row), { qos: 1 })),
    ),
});
await mosquitto.close();
process.exit(isMissed && values.check ? 1 : 0);
