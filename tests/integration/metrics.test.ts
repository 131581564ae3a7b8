import { afterEach, describe, expect, it } from "vitest";
import { defineSource } from "@/lib/server/sources/define-source";
import { defineChannel } from "@/lib/shared/define-channel";
import { testChannels } from "../support/live-channels";
import { parseMetrics } from "../support/live-metrics";
import { RawSocket } from "../support/live-raw-socket";
import { type FrameReader, TRANSPORTS } from "../support/live-reader";
import { type LiveServer, type LiveServerOptions, startLiveServer } from "../support/live-server";
import { eventually } from "../support/live-wait";
import { alertedMetrics } from "../support/prometheus-alerts";

let server: LiveServer;
let readers: FrameReader[] = [];
afterEach(async () => {
  for (const reader of readers) reader.close();
  readers = [];
  await server.close();
});

async function start(options: LiveServerOptions = {}) {
  server = await startLiveServer(options);
}

async function scrape() {
  const response = await server.get("/metrics");
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(response.headers.get("cache-control")).toBe("no-store");
  const metrics = parseMetrics(await response.text());
  return {
    metrics,
    value: (name: string, labels = "") => metrics.get(name)!.samples.get(labels),
  };
}

async function read(transport: string) {
  const reader = TRANSPORTS[transport]!(server, { channels: ["gauges"] });
  readers.push(reader);
  await reader.next();
  return reader;
}

const post = (channel: string, body: unknown) =>
  server.get(`/api/ingest/${channel}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

describe("/metrics", () => {
  it("is Prometheus' text format, and names and units follow its conventions", async () => {
    await start();
    const { metrics } = await scrape();
    const own = [...metrics].filter(([name]) => name.startsWith("nowboard_"));
    expect(own.length).toBeGreaterThan(15);
    for (const [name, { type, help }] of own) {
      expect(name).toMatch(/^[a-z_]+$/);
      expect(help).toMatch(/\.$/);
      expect(name.endsWith("_total"), `${name} is a ${type}`).toBe(type === "counter");
      if (type === "histogram") expect(name).toMatch(/_seconds$/);
      expect(name).not.toMatch(/(_ms|milliseconds|_kb)/);
    }
    for (const name of [
      "process_cpu_seconds_total",
      "process_resident_memory_bytes",
      "nodejs_heap_size_used_bytes",
    ])
      expect(metrics.has(name)).toBe(true);
  });

  it("counts what is really delivered, on each transport", async () => {
    await start();
    const sockets = [await RawSocket.open(server, { channels: ["gauges"] })];
    sockets.push(await RawSocket.open(server, { channels: ["gauges"] }));
    const sse = await read("sse");
    const longPoll = await read("long-poll");
    await eventually(() => expect(sockets.every(({ frames }) => frames.length === 1)).toBe(true));
    for (let a = 1; a <= 20; a++) {
      const cursor = await server.append({ ch: "gauges", set: { a } });
      await sse.until(({ to }) => to === cursor);
      await longPoll.until(({ to }) => to === cursor);
      await eventually(() => expect(sockets.every(({ frames }) => frames.at(-1)?.to === cursor)).toBe(true));
    }
    const { value } = await scrape();
    const label = (transport: string) => `{transport="${transport}"}`;
    const frames = (transport: string) => value("nowboard_frames_sent_total", label(transport));
    const bytes = (transport: string) => value("nowboard_bytes_sent_total", label(transport));
    expect(frames("socket")).toBe(sockets.reduce((sum, one) => sum + one.frames.length, 0));
    // The library's first frame may go another way than the later ones; its WebSocket header is not what is read.
    const heard = sockets.flatMap(({ received }) => received.filter((text) => text.startsWith('42["frame"')));
    const text = heard.reduce((sum, one) => sum + Buffer.byteLength(one), 0);
    expect(bytes("socket")).toBeGreaterThanOrEqual(text);
    expect(bytes("socket")).toBeLessThanOrEqual(text + 10 * heard.length);
    expect(frames("sse")).toBe(sse.frames.length);
    const json = (reader: FrameReader) =>
      reader.frames.reduce((sum, frame) => sum + Buffer.byteLength(JSON.stringify(frame)), 0);
    expect(bytes("sse")).toBeGreaterThan(json(sse));
    expect(frames("long_poll")).toBe(longPoll.frames.length);
    expect(bytes("long_poll")).toBe(json(longPoll));
    expect(frames("poll")).toBe(0);
    expect(value("nowboard_updates_published_total")).toBe(20);
    expect(value("nowboard_connections", label("socket"))).toBe(2);
    expect(value("nowboard_connections", label("sse"))).toBe(1);
    expect(value("nowboard_held_connections")).toBe(4);
    expect(value("nowboard_held_addresses")).toBe(1);
    expect(value("nowboard_connections_limit")).toBe(10_000);
    for (const socket of sockets) socket.close();
  });

  it("counts ingest, appends, answers and refusals", async () => {
    await start();
    await post("gauges", [{ a: 1 }, { a: 2 }]);
    await post("stock", { sku: "x", left: 1 });
    expect((await post("gauges", { nonsense: 1 })).status).toBe(422);
    server.log.failing.append = new Error("out of reach");
    expect((await post("gauges", { a: 3 })).status).toBe(500);
    const raw = await RawSocket.open(server, { channels: ["nonsense"] });
    await eventually(() => expect(raw.received.join()).toContain("refused"));
    const { value, metrics } = await scrape();
    expect(value("nowboard_ingest_updates_total", '{channel="gauges"}')).toBe(2);
    expect(value("nowboard_ingest_updates_total", '{channel="stock"}')).toBe(1);
    const appends = "nowboard_log_append_duration_seconds";
    expect(value(appends, '_count{outcome="stored"}')).toBe(2);
    expect(value(appends, '_count{outcome="failed"}')).toBe(1);
    const answers = (status: string) =>
      value("nowboard_http_request_duration_seconds", `_count{route="ingest",status="${status}"}`);
    expect([answers("2xx"), answers("4xx"), answers("5xx")]).toEqual([2, 1, 1]);
    expect(Object.fromEntries(metrics.get("nowboard_refused_total")!.samples)).toEqual({
      '{code="invalid_field"}': 1,
      '{code="internal"}': 1,
      '{code="unknown_channel"}': 1,
    });
    raw.close();
  });

  it("says how old the log's confirmation is, and that this process is well", async () => {
    await start();
    server.log.failing.confirm = new Error("out of reach");
    server.clock.ahead += 30_000;
    const { value } = await scrape();
    expect(value("nowboard_log_confirmed_age_seconds")).toBeGreaterThanOrEqual(29);
    expect(value("nowboard_log_confirmed_age_seconds")).toBeLessThan(60);
    expect(value("nowboard_log_head_lag_seconds")).toBe(0);
    expect(value("nowboard_shedding")).toBe(0);
    expect(value("nowboard_flush_window_seconds")).toBe(0.016);
    expect(value("nowboard_event_loop_delay_seconds")).toBeGreaterThanOrEqual(0);
    const heap = value("nowboard_heap_used_ratio")!;
    expect(heap).toBeGreaterThan(0);
    expect(heap).toBeLessThan(1);
  });

  it("says for how long this node has been behind the log", async () => {
    await start();
    server.log.dropNotifications = true;
    server.log.failing.read = new Error("out of reach");
    await server.append({ ch: "gauges", set: { a: 1 } });
    await eventually(async () =>
      expect((await scrape()).value("nowboard_log_head_lag_seconds")).toBeGreaterThan(0.2),
    );
    server.log.failing.read = undefined;
    await eventually(async () => expect((await scrape()).value("nowboard_log_head_lag_seconds")).toBe(0));
  });

  it("counts the failures of a source, from 0 on", async () => {
    const channel = defineChannel({
      kind: "record",
      name: "probe",
      title: "Probe",
      cadence: 100,
      maxAge: 1000,
      filledBy: "source",
      metrics: { x: { title: "X", unit: "count" } },
    });
    const state = { fails: false };
    const source = defineSource({
      channel,
      read: async () => {
        if (state.fails) throw new Error("no answer");
        return { x: 1 };
      },
    });
    await start({ channels: [...testChannels, channel], sources: [source] });
    const failures = async () =>
      (await scrape()).value("nowboard_source_failures_total", '{channel="probe"}');
    expect(await failures()).toBe(0);
    state.fails = true;
    await eventually(async () => expect(await failures()).toBeGreaterThan(1));
  });

  it("has few labels, whatever is asked for", async () => {
    await start();
    const lines = async () =>
      (await (await server.get("/metrics")).text()).split("\n").filter((line) => line.startsWith("nowboard_"))
        .length;
    for (const path of ["/", "/healthz", "/api/live/poll?channels=gauges", "/api/live/poll?channels=none"])
      await server.get(path);
    await post("none", {});
    await lines();
    const before = await lines();
    for (let n = 0; n < 50; n++) {
      await server.get(`/page-${n}`);
      await server.get(`/api/live/poll?channels=none${n}`);
      await post(`none${n}`, {});
    }
    expect(await lines()).toBe(before);
  });

  it("has every metric that the example of alerts names", async () => {
    await start();
    const { metrics } = await scrape();
    const named = alertedMetrics();
    expect(named.length).toBeGreaterThan(10);
    // `up` is Prometheus' own.
    expect(named.filter((name) => name !== "up" && !metrics.has(name))).toEqual([]);
  });
});
