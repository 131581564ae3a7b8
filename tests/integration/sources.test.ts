import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterEach, expect, it, vi } from "vitest";
import { channels } from "@/lib/channels/registry";
import { type Runtime, startRuntime } from "@/lib/server/runtime";
import { readSettings } from "@/lib/server/settings";
import { defineSource, type Source } from "@/lib/server/sources/define-source";
import { defineChannel } from "@/lib/shared/define-channel";
import type { RecordState } from "@/lib/shared/state";

const folders: string[] = [];
let runtime: Runtime | undefined;
afterEach(async () => {
  await runtime?.close();
  runtime = undefined;
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFolder() {
  const folder = mkdtempSync(join(tmpdir(), "nowboard-sources-"));
  folders.push(folder);
  return folder;
}

async function start(folder: string, sources?: Source[]) {
  const settings = readSettings({ NOWBOARD_DATA: folder });
  const own = sources?.map(({ channel }) => channel) ?? [];
  const logger = pino({ level: "silent" });
  runtime = await startRuntime({ settings, logger, sources, channels: [...channels, ...own] });
  return (channel: string) => runtime!.hub.state(channel) as RecordState;
}

const channel = (name: string) =>
  defineChannel({
    kind: "record",
    name,
    title: name,
    cadence: 200,
    maxAge: 1000,
    filledBy: "source",
    metrics: { n: { title: "N", unit: "count" } },
  });

it("gives live, real numbers of machine, server and engine within seconds, without any configuration", async () => {
  const state = await start(newFolder());
  await vi.waitFor(
    () => {
      const { cpu, memory, disk, diskFree, load } = state("infrastructure").values;
      for (const value of [cpu, memory, disk, diskFree, load]) expect(value).toEqual(expect.any(Number));
      expect(state("api").values).toMatchObject({ requests: 0, viewers: 0, p95: null });
      expect(state("database").values).toMatchObject({
        connections: expect.any(Number),
        queries: expect.any(Number),
        entries: expect.any(Number),
      });
      expect(state("database").values.entries).toBeGreaterThan(0);
      expect(state("database").values.size).toBeGreaterThan(0);
    },
    { timeout: 10_000, interval: 100 },
  );
  const asOf = state("api").asOf!;
  await vi.waitFor(() => expect(state("api").asOf).toBeGreaterThan(asOf), { timeout: 5000 });
});

it("[C7] one source that hangs and one that fails turn only their own channels, and come back", async () => {
  let broken = true;
  let n = 0;
  const state = await start(newFolder(), [
    defineSource({ channel: channel("good"), read: async () => ({ n: ++n }) }),
    defineSource({
      channel: channel("hangs"),
      timeout: 300,
      read: () => (broken ? new Promise<never>(() => {}) : Promise.resolve({ n: 1 })),
    }),
    defineSource({
      channel: channel("fails"),
      read: async () => {
        if (broken) throw new Error("connection refused");
        return { n: 2 };
      },
    }),
  ]);
  await vi.waitFor(
    () => {
      expect(state("hangs")).toMatchObject({ asOf: null, down: "No answer within 0.3 s" });
      expect(state("fails")).toMatchObject({ asOf: null, down: "connection refused" });
    },
    { timeout: 10_000 },
  );
  const before = state("good").values.n!;
  await vi.waitFor(() => expect(state("good").values.n).toBeGreaterThanOrEqual(before + 5), {
    timeout: 5000,
  });
  expect(state("good").down).toBeUndefined();
  broken = false;
  await vi.waitFor(
    () => {
      expect(state("hangs")).toMatchObject({ values: { n: 1 }, asOf: expect.any(Number) });
      expect(state("fails")).toMatchObject({ values: { n: 2 }, asOf: expect.any(Number) });
      expect([state("hangs").down, state("fails").down]).toEqual([undefined, undefined]);
    },
    { timeout: 15_000 },
  );
});

it("goes on after a restart with the values that the log kept", async () => {
  const folder = newFolder();
  let value = 7;
  const sources = () => [defineSource({ channel: channel("kept"), read: async () => ({ n: value }) })];
  let state = await start(folder, sources());
  await vi.waitFor(() => expect(state("kept").values.n).toBe(7), { timeout: 5000 });
  await runtime!.close();
  value = 8;
  state = await start(folder, sources());
  expect(state("kept").values.n).toBe(7);
  await vi.waitFor(() => expect(state("kept").values.n).toBe(8), { timeout: 5000 });
});
