import { setTimeout as sleep } from "node:timers/promises";
import { io, type Socket } from "socket.io-client";
import { afterEach, expect, it } from "vitest";
import { CodedError } from "@/lib/shared/codes";
import { contentOf, idOf } from "../support/live-log";
import { type LiveServer, type LiveServerOptions, startLiveServer } from "../support/live-server";
import { eventually } from "../support/live-wait";

const KEY = "correct-horse-battery";

let server: LiveServer;
let before: string;
let sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets) socket.disconnect();
  sockets = [];
  await server.close();
});

async function start(options: LiveServerOptions = {}) {
  server = await startLiveServer(options);
  before = await server.append({ ch: "machine", set: { load: 1 } });
}

function producer(key?: unknown) {
  const auth = key === undefined ? {} : { key };
  const socket = io(server.url, { transports: ["websocket"], forceNew: true, reconnection: false, auth });
  sockets.push(socket);
  const send = (event: unknown) => socket.timeout(5000).emitWithAck("ingest", event);
  return { socket, send };
}

async function stored() {
  return (await contentOf(server.log, idOf(before))).map(({ id: _, ...update }) => update);
}

it("[T1][T5] takes one update or several, of each kind of channel, and acknowledges after commit", async () => {
  await start();
  const { send } = producer();
  expect(await send({ channel: "gauges", updates: { a: 1 } })).toEqual({
    ok: true,
    accepted: 1,
    cursor: server.runtime.hub.cursor,
  });
  const rows = [
    { sku: "p", left: 1 },
    { sku: "q", $delete: true },
  ];
  expect(await send({ channel: "stock", updates: rows, by: "demo" })).toMatchObject({
    ok: true,
    accepted: 2,
  });
  expect(await send({ channel: "visits", updates: [{ page: "/", ts: 5 }] })).toMatchObject({ ok: true });
  expect(await stored()).toEqual([
    { ch: "gauges", set: { a: 1 } },
    { ch: "stock", rows: { p: { sku: "p", left: 1 } }, by: "demo" },
    { ch: "stock", rows: { q: null }, by: "demo" },
    { ch: "visits", items: [{ page: "/" }], ts: 5 },
  ]);
});

it("[T1][T5] refuses what HTTP refuses, with the same problem, and stores nothing of it", async () => {
  await start();
  const { send } = producer();
  const REFUSED: [unknown, object][] = [
    [
      { channel: "gauges", updates: [{ a: 1 }, { a: "x" }] },
      { code: "invalid_field", field: "a", index: 1 },
    ],
    [
      { channel: "gauges", updates: { d: 1 } },
      { code: "invalid_field", field: "d" },
    ],
    [{ channel: "gauges", updates: [] }, { code: "bad_request" }],
    [{ channel: "gauges" }, { code: "bad_request", field: "updates" }],
    [{ channel: "gauges", updates: { a: 1, ts: Date.now() + 400_000 } }, { code: "future_timestamp" }],
    [
      { channel: "gauges", updates: { a: 1 }, by: "<script>" },
      { code: "bad_request", field: "by" },
    ],
    [
      { channel: "gauges", updates: { a: 1 }, idempotencyKey: "two words" },
      { code: "invalid_idempotency_key", field: "idempotencyKey" },
    ],
    [
      { channel: "gauges", updates: { a: 1 }, key: "x" },
      { code: "bad_request", field: "key" },
    ],
    [
      { channel: "nonsense", updates: { a: 1 } },
      { code: "unknown_channel", field: "channel" },
    ],
    [{ channel: "machine", updates: { load: 1 } }, { code: "not_ingestable" }],
    [{ updates: { a: 1 } }, { code: "unknown_channel", field: "channel" }],
    [[], { code: "unknown_channel" }],
    ["x", { code: "unknown_channel" }],
    [null, { code: "unknown_channel" }],
    [{ channel: "gauges", updates: Buffer.from("x") }, { code: "invalid_field" }],
  ];
  for (const [event, problem] of REFUSED)
    expect(await send(event), JSON.stringify(event)).toMatchObject({
      ok: false,
      error: { type: "about:blank", status: expect.any(Number), ...problem },
    });
  expect(await stored()).toEqual([]);
  const text = await (await server.get("/metrics")).text();
  expect(text).toMatch(/nowboard_refused_total\{code="future_timestamp"\} 1/);
});

it("[T1][T5] shares idempotency keys with HTTP: who changes the transport sends nothing twice", async () => {
  await start({ ingestKey: KEY });
  const { send } = producer(KEY);
  const event = { channel: "gauges", updates: [{ a: 1 }, { b: 2 }], idempotencyKey: "order-1", by: "till" };
  const first = await send(event);
  expect(await send(event)).toEqual(first);
  const over = await server.get("/api/ingest/gauges", {
    method: "POST",
    body: JSON.stringify(event.updates),
    headers: {
      "Content-Type": "application/json",
      Authorization: `Bearer ${KEY}`,
      "Idempotency-Key": "order-1",
      "Nowboard-Producer": "till",
    },
  });
  expect(await over.json()).toEqual({ accepted: 2, cursor: first.cursor });
  expect(await send({ ...event, updates: [{ a: 2 }] })).toMatchObject({
    error: { code: "idempotency_conflict" },
  });
  expect(await stored()).toHaveLength(2);
});

it("[T1][T9] asks for the key of the handshake, and tells who has none nothing else", async () => {
  await start({ ingestKey: KEY });
  for (const key of [undefined, "", "wrong", 7, { $ne: "" }, [KEY]]) {
    const { send } = producer(key);
    const answer = await send({ channel: "nonsense", updates: { a: 1 } });
    expect(answer).toMatchObject({ ok: false, error: { code: "unauthorized", status: 401 } });
  }
  expect(await producer(KEY).send({ channel: "gauges", updates: { a: 1 } })).toMatchObject({ ok: true });
});

it("[T1][H4] counts what HTTP counts: the rate of a producer is one, whatever it sends over", async () => {
  await start({ env: { NOWBOARD_INGEST_PER_SECOND: "10" } });
  const { send } = producer();
  const updates = Array.from({ length: 300 }, (_, a) => ({ a }));
  expect(await send({ channel: "gauges", updates })).toMatchObject({ ok: true, accepted: 300 });
  expect(await send({ channel: "gauges", updates: { a: 1 } })).toMatchObject({
    ok: false,
    error: { code: "rate_limited", status: 429, retryAfter: expect.any(Number) },
  });
  const headers = { "Content-Type": "application/json" };
  const over = await server.get("/api/ingest/gauges", { method: "POST", body: '{"a":1}', headers });
  expect(over.status).toBe(429);
});

it("[T1][H4] lets sixteen events of a socket wait, refuses more at once, and takes them again afterwards", async () => {
  await start();
  const { send } = producer();
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  server.log.holdAppends = () => held;
  const answers = Array.from({ length: 40 }, (_, a) => send({ channel: "gauges", updates: { a } }));
  const refused = await Promise.all(answers.slice(16));
  for (const answer of refused)
    expect(answer).toMatchObject({ ok: false, error: { code: "overloaded", retryAfter: 1 } });
  server.log.holdAppends = undefined;
  release();
  for (const answer of await Promise.all(answers.slice(0, 16))) expect(answer).toMatchObject({ ok: true });
  expect(await send({ channel: "gauges", updates: { a: 1 } })).toMatchObject({ ok: true });
  expect(await stored()).toHaveLength(17);
});

it("[T1][H4] is no viewer, stays without subscribing, and may subscribe as well", async () => {
  await start({ connectMs: 200 });
  const { socket, send } = producer();
  const frames: unknown[] = [];
  socket.on("frame", (frame) => frames.push(frame));
  expect(await send({ channel: "gauges", updates: { a: 1 } })).toMatchObject({ ok: true });
  await sleep(500);
  expect(socket.connected).toBe(true);
  expect(server.runtime.hub.viewers()).toEqual({ socket: 0, sse: 0, waiting: 0 });
  expect(frames).toEqual([]);
  expect(await send({ channel: "gauges", updates: { a: 2 } })).toMatchObject({ ok: true });
  const first = await socket.timeout(5000).emitWithAck("subscribe", { channels: ["gauges"] });
  expect(first).toMatchObject({ ok: true, frame: { snapshot: { gauges: { values: { a: 2 } } } } });
  await send({ channel: "gauges", updates: { a: 3 } });
  await eventually(() => expect(frames).toHaveLength(1));
});

it("[T1][T6] tells no secrets of a fault, and goes on", async () => {
  await start();
  const { socket, send } = producer();
  server.log.failing.append = new Error("password=hunter2");
  const answer = await send({ channel: "gauges", updates: { a: 1 } });
  expect(answer).toMatchObject({ ok: false, error: { code: "internal", status: 500 } });
  expect(JSON.stringify(answer)).not.toContain("hunter2");
  server.log.failing.append = new CodedError("storage_full");
  expect(await send({ channel: "gauges", updates: { a: 1 } })).toMatchObject({
    error: { code: "storage_full" },
  });
  server.log.failing.append = undefined;
  // Nobody waits for the answer to this one.
  socket.emit("ingest", { channel: "gauges", updates: { a: 5 } });
  socket.emit("ingest", { channel: "gauges", updates: "x" }, "no function");
  await eventually(async () => expect(await stored()).toEqual([{ ch: "gauges", set: { a: 5 } }]));
  expect(socket.connected).toBe(true);
});
