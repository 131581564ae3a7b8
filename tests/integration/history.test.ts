import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import { createLogger } from "@/lib/server/logger";
import { defineChannel } from "@/lib/shared/define-channel";
import type { History } from "@/lib/shared/history";
import { freePort } from "../support/free-port";
import { testChannels } from "../support/live-channels";
import { parseMetrics } from "../support/live-metrics";
import { type LiveServer, type LiveServerOptions, startLiveServer } from "../support/live-server";
import { eventually } from "../support/live-wait";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const sales = defineChannel({
  kind: "record",
  name: "sales",
  title: "Sales",
  cadence: 1000,
  maxAge: 10_000,
  filledBy: "ingest",
  metrics: {
    orders: { title: "Orders", unit: "count", type: "counter" },
    price: { title: "Price", unit: "count" },
  },
});
let server: LiveServer;
let folders: string[] = [];
afterEach(async () => {
  await server.close();
  for (const folder of folders) rmSync(folder, { recursive: true });
  folders = [];
});

async function start(options: LiveServerOptions = {}) {
  server = await startLiveServer({ archives: true, channels: [...testChannels, sales], ...options });
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "nowboard-history-"));
  folders.push(folder);
  return folder;
}

const now = () => Date.now() + server.clock.ahead;

function get(query: Record<string, unknown>, init?: RequestInit): Promise<Response> {
  const all = { channel: "sales", from: now() - MINUTE, to: now() + 1000, ...query };
  const given = Object.entries(all).filter(([, value]) => value !== undefined);
  return server.get(`/api/history?${new URLSearchParams(given.map(([k, v]) => [k, String(v)]))}`, init);
}

async function history(query: Record<string, unknown> = {}): Promise<History> {
  const response = await get(query);
  expect(response.status).toBe(200);
  return response.json();
}

async function post(body: object, key?: string): Promise<void> {
  const headers = { "Content-Type": "application/json", ...(key && { Authorization: `Bearer ${key}` }) };
  const answer = await server.get("/api/ingest/sales", {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(202);
}

const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
const present = <T>(values: readonly (T | null)[]) => values.filter((value) => value !== null);

describe("GET /api/history", () => {
  it("[A3] answers what was ingested, within seconds", async () => {
    await start();
    const at = now() - 30_000;
    await post([
      { ts: at, orders: 10, price: 4 },
      { ts: at + 1000, orders: 12, price: 5 },
      { ts: at + 20_000, orders: 13, price: null },
      { ts: at + 20_000, price: 9 },
    ]);
    const answer = await eventually(async () => {
      const found = await history({ points: 6, metrics: "price,orders", from: at - 1000, to: at + 25_000 });
      expect(total(found.metrics.price!.count)).toBe(3);
      return found;
    });
    expect(answer).toMatchObject({ channel: "sales", step: 5000, tier: 0, outages: [] });
    expect(answer.from % 5000).toBe(0);
    expect(answer.from).toBeLessThanOrEqual(at - 1000);
    expect(Object.keys(answer.metrics)).toEqual(["price", "orders"]);
    const { price, orders } = answer.metrics;
    expect([
      present(price!.last).at(-1),
      Math.max(...present(price!.max)),
      Math.min(...present(price!.min)),
    ]).toEqual([9, 9, 4]);
    expect(total(present(orders!.increase!))).toBe(3);
    expect(price).not.toHaveProperty("increase");
    for (const { lastAt, ...lists } of Object.values(answer.metrics)) {
      // Wherever in its bucket it lies.
      expect(lastAt).toBe(at + 20_000);
      for (const values of Object.values(lists))
        expect(values).toHaveLength((answer.to - answer.from) / answer.step);
    }
    for (const [i, count] of price!.count.entries()) expect(price!.avg[i] === null).toBe(count === 0);
    // In process, for what is rendered on the server, it is the same.
    const asked = {
      channel: "sales",
      metrics: ["price", "orders"],
      from: at - 1000,
      to: at + 25_000,
      points: 6,
    };
    expect(await server.runtime.history(asked)).toEqual(answer);
  });

  it("[A3] has what was stored a moment ago once the archive is there", async () => {
    await start();
    await post({ price: 1 });
    await eventually(async () => expect((await history()).until).toBeGreaterThan(0));
    for (let n = 2; n < 8; n++) {
      await post({ price: n });
      const { metrics, until } = await history({ to: now() + 1000 });
      expect(present(metrics.price!.last).at(-1)).toBe(n);
      expect(until).toBeGreaterThan(now() - 10_000);
    }
  });

  it("[A1][A4] has everything once over a restart, and tells the time in between", async () => {
    const folder = newFolder();
    await start({ folder });
    await post([{ price: 1 }, { price: 2 }]);
    await server.close();
    await start({ folder });
    await post({ price: 3 });
    await eventually(async () => {
      const { metrics, outages } = await history();
      // Two of the same ms are one.
      expect([2, 3]).toContain(total(metrics.price!.count));
      expect(present(metrics.price!.last).at(-1)).toBe(3);
      expect(outages).toEqual([]);
    });
    const stopped = now();
    await server.close();
    await start({ folder, ahead: 2 * HOUR });
    await post({ price: 4 });
    const { outages } = await eventually(async () => {
      const found = await history({ from: now() - 3 * HOUR });
      expect(found.outages).toHaveLength(1);
      expect(total(found.metrics.price!.count)).toBe(4);
      return found;
    });
    expect(outages[0]!.from).toBeLessThanOrEqual(stopped);
    expect(outages[0]!.from).toBeGreaterThan(stopped - MINUTE);
    expect(outages[0]!.to - outages[0]!.from).toBeGreaterThan(2 * HOUR - MINUTE);
  });

  it("[A3] chooses step and tier by the range", async () => {
    await start();
    const of = async (ago: number, span: number, points?: number) => {
      const { step, tier } = await history({ from: now() - ago, to: now() - ago + span, points });
      return [step, tier];
    };
    expect(await of(MINUTE, MINUTE)).toEqual([250, 0]);
    expect(await of(5 * MINUTE, 5 * MINUTE, 2000)).toEqual([250, 0]);
    expect(await of(HOUR, HOUR)).toEqual([20_000, 10_000]);
    expect(await of(HOUR, HOUR, 2000)).toEqual([2000, 0]);
    expect(await of(24 * HOUR, 24 * HOUR)).toEqual([5 * MINUTE, MINUTE]);
    expect(await of(720 * HOUR, 720 * HOUR)).toEqual([3 * HOUR, HOUR]);
    expect(await of(730 * 24 * HOUR, 730 * 24 * HOUR, 1)).toEqual([28 * 24 * HOUR, HOUR]);
    expect(await of(3 * HOUR, MINUTE)).toEqual([10_000, 10_000]);
  });

  it("[A3] takes times as ms and as ISO 8601 with a zone", async () => {
    await start();
    const forms = [
      "2026-03-01T12:00:00Z",
      "2026-03-01T13:00:00.000+01:00",
      "2026-03-01T13:00:00 01:00",
      "1772366400000",
    ];
    server.clock.ahead = 1_772_370_000_000 - Date.now();
    for (const from of forms)
      expect((await history({ from, to: "2026-03-01T12:10:00Z" })).from).toBe(1_772_366_400_000);
  });

  it("[A3] answers 304 as long as nothing of the range changed", async () => {
    await start();
    const at = now() - 10 * MINUTE;
    await post({ ts: at, price: 1 });
    await post({ price: 1 });
    const past = { from: at - MINUTE, to: at + MINUTE };
    const first = await eventually(async () => {
      const response = await get(past);
      expect(total(((await response.json()) as History).metrics.price!.count)).toBe(1);
      return response;
    });
    expect(first.headers.get("cache-control")).toBe("private, no-store");
    expect(first.headers.get("vary")).toBe("Cookie, Authorization");
    const tag = first.headers.get("etag")!;
    const again = (tags: string, query: object = past) =>
      get({ ...query }, { headers: { "If-None-Match": tags } });
    await post({ price: 2 });
    // What is newer does not touch a range that lies in the past.
    for (const tags of [tag, tag.slice(2), `"other", ${tag}`, "*"]) {
      const answer = await again(tags);
      expect([answer.status, answer.headers.get("etag"), await answer.text()]).toEqual([304, tag, ""]);
    }
    expect((await again(tag, { ...past, points: 10 })).status).toBe(200);
    expect((await again(tag, { ...past, metrics: "price" })).status).toBe(200);
    expect((await again(`"other"`)).status).toBe(200);
    // Late data does.
    await post({ ts: at + 1000, price: 2 });
    await eventually(async () => expect((await again(tag)).status).toBe(200));
    const present = { from: now() - MINUTE, to: now() + MINUTE };
    const live = (await get(present)).headers.get("etag")!;
    await post({ price: 3 });
    await eventually(async () => expect((await again(live, present)).status).toBe(200));
  });

  it("[A3] says 503 when the archive is out of reach, and serves everything else", async () => {
    const lines: string[] = [];
    const stream = new Writable({
      write(chunk, _, done) {
        lines.push(String(chunk));
        done();
      },
    });
    const secret = "canary-p4ss";
    const url = `postgres://someone:${secret}@127.0.0.1:${await freePort()}/nowboard`;
    // Whether other keys were stored is not known without the database; this one needs none.
    const key = "correct-horse-battery";
    await start({ env: { DATABASE_URL: url }, ingestKey: key, logger: createLogger("info", stream) });
    await post({ price: 1 }, key);
    const answer = await get({});
    const text = await answer.text();
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(JSON.parse(text)).toMatchObject({ code: "history_unavailable", status: 503 });
    const ready = await server.get("/readyz");
    expect(ready.status).toBe(200);
    expect((await ready.json()).warnings).toEqual([expect.stringContaining("archive is out of reach")]);
    await eventually(() => expect(lines.join()).toContain("The archive cannot go on"));
    expect(text + lines.join()).not.toContain(secret);
    expect(lines.join()).toContain("ECONNREFUSED");
    expect((await server.get("/api/live/snapshot?channels=sales")).status).toBe(200);
  });

  it("tells in /metrics what the archive does", async () => {
    await start();
    await post([{ price: 1 }, { price: 2 }]);
    await eventually(async () => expect((await history()).until).toBeGreaterThan(0));
    const metrics = parseMetrics(await (await server.get("/metrics")).text());
    const value = (name: string, labels = "") => metrics.get(name)!.samples.get(labels);
    expect(value("nowboard_archive_readings_total")).toBe(2);
    expect(value("nowboard_archive_dropped_rows_total")).toBe(0);
    expect(value("nowboard_archive_lag_seconds")).toBeLessThan(30);
    expect(value("nowboard_archive_query_duration_seconds", "_count")).toBeGreaterThan(0);
    server.log.failing.read = new Error("out of reach");
    server.clock.ahead += 100_000;
    const later = parseMetrics(await (await server.get("/metrics")).text());
    expect(later.get("nowboard_archive_lag_seconds")!.samples.get("")).toBeGreaterThan(90);
  });
});
