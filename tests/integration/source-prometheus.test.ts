import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Source } from "@/lib/server/sources/define-source";
import { openSource } from "@/lib/server/sources/open-source";
import type { Channel } from "@/lib/shared/define-channel";
import { defineChannel } from "@/lib/shared/define-channel";
import { type DeclaredSource, declareSource } from "@/lib/shared/sources/declare-source";
import { type MetricsServer, startNodeExporter, startPrometheus } from "../support/metrics-servers";

const WAIT = { timeout: 30_000, interval: 100 };
const times = { cadence: 1000, maxAge: 5000, filledBy: "source" } as const;

const machine = defineChannel({
  ...{ kind: "record", name: "machine", title: "Machine", ...times },
  metrics: {
    memory: { title: "Memory", unit: "bytes" },
    load: { title: "Load", unit: "none" },
    idle: { title: "Idle", unit: "none" },
  },
});
const processors = defineChannel({
  ...{ kind: "table", name: "processors", title: "Processors", ...times },
  key: "cpu",
  columns: {
    cpu: { title: "Processor", type: "text" },
    idle: { title: "Idle", type: "number" },
    all: { title: "All", type: "number" },
  },
});

let exporter: MetricsServer;
let prometheus: MetricsServer;
const opened: Source[] = [];

beforeAll(async () => {
  exporter = await startNodeExporter();
  prometheus = await startPrometheus([exporter.url]);
});
afterAll(async () => {
  await Promise.all(opened.map((source) => source.close?.()));
  await Promise.all([exporter?.close(), prometheus?.close()]);
});

async function open(declared: DeclaredSource<never> | DeclaredSource) {
  const source = (await openSource(declared, { env: {}, allowed: ["127.0.0.1"] })) as Source;
  opened.push(source);
  return source;
}
const read = async <R>(source: Source, now = Date.now(), signal = new AbortController().signal) =>
  (await source.read({ signal, now })) as R;

type Figures = Record<string, number | null>;

describe("a metrics page", () => {
  const CPU = "node_cpu_seconds_total";

  it("gives the figures of this machine", async () => {
    const source = await open(
      declareSource(machine, {
        ...{ kind: "prometheus", url: `${exporter.url}/metrics` },
        values: {
          memory: "node_memory_MemTotal_bytes",
          load: "node_load1",
          idle: { name: CPU, where: { mode: "idle" }, rate: true },
        },
      }),
    );
    const first = await read<Figures>(source, 1_000_000);
    expect(first.memory! / os.totalmem()).toBeCloseTo(1, 2);
    expect(first.load).toBeGreaterThanOrEqual(0);
    expect(first.idle).toBeNull();
    await vi.waitFor(async () => {
      const { idle } = await read<Figures>(source);
      expect(idle).toBeGreaterThanOrEqual(0);
    }, WAIT);
  });

  it("gives a row for each value of a label", async () => {
    const source = await open(
      declareSource(processors, {
        ...{ kind: "prometheus", url: `${exporter.url}/metrics`, by: "cpu" },
        values: { idle: { name: CPU, where: { mode: "idle" } }, all: CPU },
      }),
    );
    const rows = await read<{ cpu: string; idle: number; all: number }[]>(source);
    expect(rows.map(({ cpu }) => cpu).sort()).toEqual(
      os
        .cpus()
        .map((_, i) => String(i))
        .sort(),
    );
    for (const { idle, all } of rows) expect(all).toBeGreaterThan(idle);
  });

  it("[S2] fails in words when its server ends or hangs, and goes on with it", async () => {
    const source = await open(
      declareSource(machine, {
        ...{ kind: "prometheus", url: `${exporter.url}/metrics` },
        values: { load: "node_load1", idle: { name: CPU, rate: true } },
      }),
    );
    await read(source, 1_000_000);
    await exporter.kill9();
    await expect(read(source)).rejects.toThrow(/^127.0.0.1:\d+ refuses connections$/);
    await exporter.start();
    expect(await read(source, 1_010_000)).toMatchObject({
      load: expect.any(Number),
      idle: expect.any(Number),
    });
    exporter.stall();
    const signal = AbortSignal.timeout(300);
    await expect(read(source, 1_020_000, signal)).rejects.toThrow();
    exporter.resume();
    expect(await read(source, 1_030_000)).toMatchObject({ load: expect.any(Number) });
  });

  it("[S4] on loopback is refused unless the operator allows it", async () => {
    const url = exporter.url.replace("127.0.0.1", "localhost");
    const declared = declareSource(machine, { kind: "prometheus", url, values: { load: "node_load1" } });
    const source = (await openSource(declared, { env: {}, allowed: [] })) as Source;
    opened.push(source);
    await expect(read(source)).rejects.toThrow("is not open to sources unless NOWBOARD_SOURCES_ALLOW");
  });
});

describe("a Prometheus server", () => {
  const ask = (channel: Channel, queries: Record<string, string>, by?: string) =>
    open({ channel, options: { kind: "promql", url: `${prometheus.url}/`, queries, by } } as DeclaredSource);

  it("answers a record's queries with a number each", async () => {
    const source = await ask(machine, {
      load: "scalar(vector(2.5))",
      memory: "sum(node_memory_MemTotal_bytes)",
      idle: "nothing_of_this_name",
    });
    await vi.waitFor(async () => {
      const { load, memory, idle } = await read<Figures>(source);
      expect([load, idle]).toEqual([2.5, null]);
      expect(memory! / os.totalmem()).toBeCloseTo(1, 2);
    }, WAIT);
  });

  it("answers a table's queries with a row for each value of a label", async () => {
    const queries = {
      idle: 'sum by (cpu) (node_cpu_seconds_total{mode="idle"})',
      all: "sum by (cpu) (node_cpu_seconds_total)",
    };
    const source = await ask(processors, queries, "cpu");
    await vi.waitFor(async () => {
      const rows = await read<{ cpu: string; idle: number; all: number }[]>(source);
      expect(rows.map(({ cpu }) => cpu).sort()).toEqual(
        os
          .cpus()
          .map((_, i) => String(i))
          .sort(),
      );
      for (const { idle, all } of rows) expect(all).toBeGreaterThan(idle);
    }, WAIT);
  });

  it("[S2] says in words what is wrong with a query", async () => {
    await vi.waitFor(async () => {
      const up = await read<Figures>(await ask(machine, { load: "count(up)" }));
      expect(up.load).toBe(2);
    }, WAIT);
    const why = async (query: string, channel: Channel = machine) => {
      const source = await ask(channel, { idle: query }, channel === processors ? "cpu" : undefined);
      return read(source).catch((error: Error) => error.message);
    };
    expect(await why("up")).toBe("idle: the query gives 2 series; make one of them, with sum() or avg()");
    expect(await why("sum(")).toMatch(/^idle: HTTP 400 from 127.0.0.1:\d+: .*parse error/);
    expect(await why("up[1m]")).toBe("idle: the query gives a matrix, not the values of one moment");
    expect(await why("up", processors)).toBe(
      "idle: the query gives series without the label cpu; add by (cpu)",
    );
    expect(await why("node_cpu_seconds_total", processors)).toMatch(
      /^idle: the query gives several series of cpu "\d+"; add by \(cpu\)$/,
    );
  });

  it("[S2] is left by the other queries when one has failed", async () => {
    let server!: Server;
    const answers: ServerResponse[] = [];
    const left = new Promise((resolve) => {
      server = createServer((req, res) => {
        if (req.url!.includes("slow")) res.once("close", resolve);
        answers.push(res.setHeader("X-Query", req.url!));
        // Not before both are asked.
        const fast = answers.find((answer) => String(answer.getHeader("X-Query")).includes("fast"));
        if (answers.length === 2) fast!.writeHead(500).end();
      }).listen(0, "127.0.0.1");
    });
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const queries = { load: "slow", idle: "fast" };
    const source = await open(declareSource(machine, { kind: "promql", url, queries }));
    await expect(read(source)).rejects.toThrow(/^idle: HTTP 500 from /);
    await left;
    server.close();
  });

  it("[S2] that ends is named, and answers again when it is back", async () => {
    const source = await ask(machine, { load: "vector(1)", idle: "vector(2)" });
    await read(source);
    await prometheus.kill9();
    await expect(read(source)).rejects.toThrow(/^(load|idle): 127.0.0.1:\d+ refuses connections$/);
    await prometheus.start();
    expect(await read(source)).toMatchObject({ load: 1, idle: 2 });
  });
});
