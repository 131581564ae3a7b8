import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { io, type Socket } from "socket.io-client";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import type { Frame, Subscribe } from "@/lib/shared/protocol";
import { someUpdate } from "../support/live-flow";
import { RawSocket } from "../support/live-raw-socket";
import { TRANSPORTS } from "../support/live-reader";
import { type LiveServer, startLiveServer } from "../support/live-server";
import { eventually } from "../support/live-wait";

let server: LiveServer;
let clients: Socket[] = [];
beforeAll(async () => {
  server = await startLiveServer();
});
afterEach(async () => {
  for (const client of clients) client.disconnect();
  clients = [];
  await eventually(() => expect(server.runtime.hub.viewers()).toEqual({ socket: 0, sse: 0, waiting: 0 }));
});
afterAll(() => server.close());

function client(subscribe?: unknown) {
  const socket = io(server.url, {
    transports: ["websocket"],
    reconnection: false,
    forceNew: true,
    ...(subscribe !== undefined && { auth: { subscribe } }),
  });
  clients.push(socket);
  const frames: Frame[] = [];
  const refusals: unknown[] = [];
  socket.on("frame", (frame) => frames.push(frame));
  socket.on("refused", (error) => refusals.push(error));
  const ask = (subscribe: unknown): Promise<{ ok: boolean; frame: Frame; error: unknown }> =>
    socket.timeout(3000).emitWithAck("subscribe", subscribe);
  return { socket, frames, refusals, ask };
}

it("[T1] answers the subscription in the handshake with the first frame, without another round trip", async () => {
  const { socket, frames } = client({ channels: ["gauges"], sub: 3 });
  const packets: string[] = [];
  socket.io.engine.on("packetCreate", ({ type, data }) => packets.push(`${type} ${data ?? ""}`));
  await eventually(() => expect(frames).toHaveLength(1));
  expect(frames[0]).toMatchObject({ sub: 3, snapshot: { gauges: { kind: "record" } } });
  expect(packets).toEqual([expect.stringContaining('message 0{"subscribe"')]);
});

it("[T1] refuses a bad subscription of the handshake by an event, and takes the next one", async () => {
  const { refusals, ask, frames } = client({ channels: ["nonsense"] });
  await eventually(() => expect(refusals).toHaveLength(1));
  expect(refusals).toEqual([{ code: "unknown_channel", message: expect.stringContaining("nonsense") }]);
  expect(await ask({ channels: ["gauges"] })).toMatchObject({ ok: true, frame: { snapshot: {} } });
  expect(frames).toEqual([]);
});

it("[T1] answers a subscription with its first frame, or with a code and a sentence", async () => {
  const { ask } = client();
  expect(await ask({ channels: ["gauges"], cursor: "no" })).toEqual({
    ok: false,
    error: { code: "invalid_cursor", message: expect.any(String) },
  });
  expect(await ask({ channels: ["gauges"], sub: 1 })).toMatchObject({ ok: true, frame: { sub: 1 } });
});

it("[T1] replaces the set of channels when it is asked again, and keeps it when it must refuse", async () => {
  const { ask, frames } = client();
  await ask({ channels: ["gauges"], sub: 1 });
  const cursor = await server.append(someUpdate("gauges"));
  await eventually(() => expect(frames).toHaveLength(1));
  await ask({ channels: ["meters"], sub: 2, cursor });
  await server.append(someUpdate("gauges"));
  await server.append(someUpdate("meters"));
  await eventually(() => expect(frames).toHaveLength(2));
  expect(frames[1]).toMatchObject({ sub: 2, updates: [{ ch: "meters" }] });

  expect(await ask({ channels: ["nonsense"], sub: 3 })).toMatchObject({ ok: false });
  await server.append(someUpdate("meters"));
  await eventually(() => expect(frames).toHaveLength(3));
  expect(frames[2]).toMatchObject({ sub: 2 });
  expect(server.runtime.hub.viewers().socket).toBe(1);
});

it("[T1] sends nothing to who has not subscribed", async () => {
  const { socket, frames } = client();
  await once(socket as never, "connect");
  await server.append(someUpdate("gauges"));
  await sleep(50);
  expect(frames).toEqual([]);
});

it("[T1] keeps the order of its frames, whatever their size, when subscriptions and updates cross", async () => {
  const { socket, ask, frames } = client({ channels: ["visits"], sub: 0 });
  await eventually(() => expect(frames).toHaveLength(1));
  const answers: Frame[] = [];
  for (let sub = 1; sub <= 18; sub++) {
    // Lengths around those at which a WebSocket frame's header changes.
    const page = "é".repeat([1, 20, 40, 60, 2000, 60_000, 65_400, 65_536, 70_000][sub % 9]!);
    const append = server.append({ ch: "visits", items: [{ page, seconds: sub }] });
    answers.push((await ask({ channels: ["visits"], sub, cursor: frames.at(-1)!.to })).frame);
    await append;
    socket.emit("ack", { cursor: answers.at(-1)!.to });
    await eventually(() => expect(JSON.stringify([frames, answers.at(-1)])).toContain(`"seconds":${sub}`));
  }
  const seen = [...frames, ...answers].flatMap(({ updates }) => updates ?? []);
  expect(new Set(seen.map(({ items }) => items![0]!.seconds)).size).toBe(18);
  for (const { items } of seen) expect(String(items![0]!.page)).toMatch(/^é+$/);
  for (let i = 1; i < frames.length; i++) expect(frames[i]!.sub).toBeGreaterThanOrEqual(frames[i - 1]!.sub!);
});

it("[T1] offers WebSocket alone, so that no proxy needs sticky sessions", async () => {
  const polling = await server.get("/socket.io/?EIO=4&transport=polling");
  expect(await polling.text()).toBe("a page");
  const ws = new WebSocket(`ws://127.0.0.1:${server.port}/socket.io/?EIO=4&transport=polling`);
  const [error] = await once(ws, "error");
  expect(String(error)).toContain("400");
});

it("[H2] encodes a frame once for all sockets, and once for all streams", async () => {
  const readers = ["socket", "sse"].flatMap((name) =>
    Array.from({ length: 20 }, () => TRANSPORTS[name]!(server, { channels: ["gauges"] })),
  );
  for (const reader of readers) await reader.next();
  const spy = vi.spyOn(JSON, "stringify");
  try {
    const cursor = await server.append({ ch: "gauges", set: { c: 12_345 } });
    for (const reader of readers) expect((await reader.next()).to).toBe(cursor);
    const isFrame = (value: unknown): boolean =>
      Array.isArray(value) ? value.some(isFrame) : (value as Frame | null)?.to === cursor;
    expect(spy.mock.calls.filter(([value]) => isFrame(value))).toHaveLength(2);
  } finally {
    spy.mockRestore();
  }
  for (const reader of readers) reader.close();
});

it("[T1] forgets a client that goes away without a word", async () => {
  const raw = await RawSocket.open(server, { channels: ["gauges"] });
  await eventually(() => expect(server.runtime.hub.viewers().socket).toBe(1));
  raw.close();
  await eventually(() => expect(server.runtime.hub.viewers().socket).toBe(0));
});

const NONSENSE = [
  "40null",
  "40[]",
  '40"x"',
  "40{",
  '40{"subscribe":null}',
  '40{"subscribe":{"channels":{"length":99999999}}}',
  '40{"subscribe":{"channels":[{"toString":1}]}}',
  '40{"subscribe":{"__proto__":{"channels":["gauges"]}}}',
  '42["subscribe"]',
  '42["subscribe",null]',
  '42["subscribe",{"channels":["gauges"],"cursor":{}}]',
  '42["subscribe",{"channels":["gauges"],"fresh":"gauges"}]',
  '420["subscribe",[]]',
  '42["ack"]',
  '42["ack",null]',
  '42["ack",{"cursor":"x"}]',
  '42["ack",{"cursor":"abc.1-0"}]',
  '42["disconnect"]',
  '42["connect"]',
  '42["__proto__"]',
  "42[]",
  "42{}",
  "42",
  "4",
  "43[]",
  "439999999999[]",
  '45999999999-["subscribe",{"_placeholder":true,"num":0}]',
  '451-["subscribe",{"_placeholder":true,"num":9}]',
  "46",
  "4/nowhere,0",
  "40/nowhere,",
  "9",
  "",
  "0",
  "1",
  "2probe",
  "5",
  "6",
  "\u0000",
  `42["subscribe",${"[".repeat(20_000)}${"]".repeat(20_000)}]`,
  `42["subscribe","${"x".repeat(70_000)}"]`,
];

it("[T1] survives nonsense, before and after the handshake, and serves the others meanwhile", async () => {
  const reader = TRANSPORTS.socket!(server, { channels: ["gauges"] });
  await reader.next();
  for (const text of NONSENSE) {
    for (const subscribe of [undefined, { channels: ["gauges"] } as Subscribe]) {
      const raw = await RawSocket.open(server, subscribe);
      raw.ws.on("error", () => {});
      raw.send(text);
      raw.ws.send(Buffer.from(text));
      await sleep(1);
      raw.close();
    }
    const cursor = await server.append(someUpdate("gauges"));
    expect((await reader.until(({ updates }) => updates!.length > 0)).to, text).toBe(cursor);
  }
  reader.close();
});

it.each([
  ["another version of Engine.IO", "/socket.io/?EIO=3&transport=websocket"],
  ["no version", "/socket.io/?transport=websocket"],
  ["a transport that is none", "/socket.io/?EIO=4&transport=constructor"],
  ["a session that is none", "/socket.io/?EIO=4&transport=websocket&sid=__proto__"],
  ["a path that is encoded badly", "/socket.io/?EIO=4&transport=%E0%A4%A"],
])("[T1] refuses an upgrade with %s, and lives on", async (_, path) => {
  const socket = connect(server.port, "127.0.0.1");
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  let answer = "";
  socket.on("data", (data) => {
    answer += data;
  });
  await once(socket, "close");
  expect(answer).toContain("HTTP/1.1 400 ");
  expect(answer).not.toContain("sid");
  expect((await server.get("/readyz")).status).toBe(200);
});

it("[T1] survives frames that break the WebSocket protocol", async () => {
  const broken = [
    [0xff, 0xff, 0xff, 0xff],
    [0x81, 0x05, 1, 2, 3, 4, 5],
    [0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0],
    [0xc1, 0x80, 0, 0, 0, 0],
    [0x88, 0x81, 0, 0, 0, 0, 1],
    [0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28],
  ];
  for (const bytes of broken) {
    const raw = await RawSocket.open(server, { channels: ["gauges"] });
    raw.ws.on("error", () => {});
    await eventually(() => expect(raw.frames).toHaveLength(1));
    (raw.ws as unknown as { _socket: { write(data: Buffer): void } })._socket.write(Buffer.from(bytes));
    await once(raw.ws, "close");
    raw.close();
  }
  expect((await server.get("/readyz")).status).toBe(200);
});
