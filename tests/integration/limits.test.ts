import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { CODES, type Code } from "@/lib/shared/codes";
import { MAX_CHANNELS } from "@/lib/shared/protocol";
import { RawSocket } from "../support/live-raw-socket";
import { TRANSPORTS } from "../support/live-reader";
import { HELD, type Held, type RawRequest, type RequestOptions, rawRequest } from "../support/live-request";
import { type LiveServer, type LiveServerOptions, startLiveServer } from "../support/live-server";
import { eventually } from "../support/live-wait";

const KINDS = Object.keys(HELD) as Held[];

let server: LiveServer;
let requests: RawRequest[] = [];
afterEach(async () => {
  for (const { socket } of requests) socket.destroy();
  requests = [];
  await server.close();
});

async function start(env: Record<string, string> = {}, options: LiveServerOptions = {}) {
  server = await startLiveServer({ ...options, env });
}

const held = () => server.runtime.door.gate.held;

async function heldIs(connections: number) {
  await eventually(() => expect(held().connections).toBe(connections));
}

function ask(kind: Held, options: RequestOptions = {}): RawRequest {
  // A long poll is held for news, so it says what it has.
  const query = kind === "long-poll" ? `&cursor=${server.runtime.hub.cursor}` : "";
  const request = rawRequest(server.port, HELD[kind], { query, ...options });
  requests.push(request);
  return request;
}

/** Opens one that is held, once it is. */
async function hold(kind: Held, options?: RequestOptions): Promise<RawRequest> {
  const { connections } = held();
  const request = ask(kind, options);
  await heldIs(connections + 1);
  return request;
}

async function expectRefusal(request: RawRequest, code: Code) {
  await eventually(() => expect(request.answer()).toContain(`"code":"${code}"`));
  expect(request.status()).toBe(CODES[code].status);
  expect(request.header("content-type")).toBe("application/problem+json");
  const seconds = Number(request.header("retry-after"));
  expect(seconds).toBeGreaterThanOrEqual(1);
  expect(request.json()).toMatchObject({ code, retryAfter: seconds });
}

describe("connections that are held", () => {
  it.each(KINDS)(
    "[H4] have a limit in total, and are refused with a code and a time beyond it (%s)",
    async (kind) => {
      await start({ NOWBOARD_MAX_CONNECTIONS: "3" });
      const [first] = [await hold("socket"), await hold("events"), await hold("long-poll")];
      const refused = ask(kind, { from: "127.0.0.2" });
      await expectRefusal(refused, "server_full");
      if (kind === "socket") await eventually(() => expect(refused.socket.closed).toBe(true));
      // What is not held goes on, and a place that is left is taken again.
      expect((await server.get("/api/live/poll?channels=gauges")).status).toBe(200);
      first.socket.destroy();
      await heldIs(2);
      await hold(kind);
    },
  );

  it.each(KINDS)("[H4] have a limit for each address (%s)", async (kind) => {
    await start({ NOWBOARD_MAX_CONNECTIONS_PER_ADDRESS: "2" });
    const mine = [await hold(kind), await hold(kind)];
    await expectRefusal(ask(kind), "too_many_connections");
    await hold(kind, { from: "127.0.0.2" });
    expect(held()).toEqual({ connections: 3, addresses: 2 });
    for (const { socket } of mine) expect(socket.destroyed).toBe(false);
  });

  it("[H4] are not opened again and again by one address", async () => {
    await start({ NOWBOARD_MAX_CONNECTIONS_PER_ADDRESS: "40" });
    for (let n = 0; n < 40; n++) {
      const request = await hold("socket");
      request.socket.destroy();
      await heldIs(0);
    }
    let refused: RawRequest;
    // One a second may come in meanwhile.
    await eventually(async () => {
      refused = ask("socket");
      await eventually(() => expect(refused.status()).toBeDefined());
      expect(refused.status()).toBe(429);
    });
    await expectRefusal(refused!, "too_many_connections");
    await hold("socket", { from: "127.0.0.2" });
  });

  it("[H4] may go on long-polling, however often there is news", async () => {
    await start({ NOWBOARD_MAX_CONNECTIONS_PER_ADDRESS: "3" });
    const reader = TRANSPORTS["long-poll"]!(server, {
      channels: ["gauges"],
      cursor: server.runtime.hub.cursor,
    });
    for (let a = 1; a <= 50; a++) {
      const cursor = await server.append({ ch: "gauges", set: { a } });
      await reader.until(({ to }) => to === cursor);
    }
    expect(reader.refusal).toBeUndefined();
    reader.close();
  });

  it("[H4] are counted by the client's address behind a trusted proxy, and by no claim of anybody else", async () => {
    await start({ NOWBOARD_MAX_CONNECTIONS_PER_ADDRESS: "1", NOWBOARD_TRUSTED_PROXIES: "127.0.0.1" });
    const behind = (address: string) => ({ headers: { "X-Forwarded-For": address } });
    await hold("events", behind("2001:db8::1"));
    await hold("events", behind("203.0.113.1"));
    // The same /64, and what a client writes in front of what the proxy adds.
    await expectRefusal(ask("events", behind("2001:db8::2")), "too_many_connections");
    await expectRefusal(ask("events", behind("198.51.100.1, 203.0.113.1")), "too_many_connections");
    await hold("events", { ...behind("198.51.100.1"), from: "127.0.0.9" });
    await expectRefusal(
      ask("events", { ...behind("198.51.100.2"), from: "127.0.0.9" }),
      "too_many_connections",
    );
  });

  it("[H4] are counted out in whatever way they end", async () => {
    await start();
    const ways: ((request: RawRequest) => void)[] = [
      ({ socket }) => socket.destroy(),
      ({ socket }) => socket.resetAndDestroy(),
      ({ socket }) => socket.end(),
      // Nonsense: not a frame, not a request.
      ({ socket }) => socket.end("\xff\xff\xff nonsense\r\n\r\n"),
      // Another request behind it, which never gets its turn.
      ({ socket }) => {
        socket.write(`GET ${HELD.events} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n\r\n`);
        setImmediate(() => socket.destroy());
      },
    ];
    const all = 300;
    for (const when of ["before it is answered", "once it is held"] as const) {
      const round = Array.from({ length: all }, (_, n) => {
        const request = ask(KINDS[n % KINDS.length]!);
        const end = () => ways[n % ways.length]!(request);
        const ended = once(request.socket, "close");
        if (when === "before it is answered") {
          if (n % 2) request.socket.once("connect", end);
          else setImmediate(end);
        }
        return { end, ended };
      });
      if (when === "once it is held") {
        await heldIs(all);
        for (const { end } of round) end();
      }
      // A client's half of a connection may be over long before the other: that of a long poll is not.
      await eventually(() => expect(server.runtime.hub.viewers()).toMatchObject({ socket: 0, sse: 0 }));
      await server.append({ ch: "gauges", set: { a: 1 } });
      await Promise.all(round.map(({ ended }) => ended));
      await eventually(() => expect(server.connections.size).toBe(0));
      await heldIs(0);
      expect(held()).toEqual({ connections: 0, addresses: 0 });
      expect(server.runtime.hub.viewers()).toEqual({ socket: 0, sse: 0, waiting: 0 });
    }
    // Those that are refused, and those that end by themselves.
    const older = rawRequest(server.port, "/socket.io/?EIO=3&transport=websocket");
    await once(older.socket, "close");
    requests.push(rawRequest(server.port, "/socket.io/?EIO=4&transport=none"));
    requests.push(rawRequest(server.port, `${HELD.events}&cursor=nonsense`));
    requests.push(rawRequest(server.port, "/api/live/poll?channels=gauges&wait=1"));
    await eventually(() => expect(requests.slice(-3).map((one) => one.status())).toEqual([400, 400, 200]));
    await heldIs(0);
  });

  it("[H4] are counted out after many ends on one kept-alive connection", async () => {
    await start();
    const socket = connect(server.port, "127.0.0.1");
    let answers = 0;
    socket.on("data", (chunk) => {
      answers += String(chunk).split("HTTP/1.1 200").length - 1;
    });
    const head = `GET /api/live/poll?channels=gauges&wait=1 HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n\r\n`;
    socket.write(head.repeat(40));
    await eventually(() => expect(answers).toBe(40));
    await heldIs(0);
    const [end] = server.connections;
    expect(end!.listenerCount("close")).toBeLessThan(10);
    socket.destroy();
  });
});

describe("a WebSocket", () => {
  it("[H4] that never says what it is for is ended", async () => {
    await start({}, { connectMs: 200 });
    const mute = await hold("socket");
    const muteEnded = once(mute.socket, "close");
    const ws = new WebSocket(`ws://127.0.0.1:${server.port}${HELD.socket}`);
    ws.on("message", (data) => String(data) === "2" && ws.send("3"));
    // It belongs to a namespace that there is not.
    ws.on("open", () => ws.send("40/other,"));
    const otherEnded = once(ws, "close");
    const proper = await RawSocket.open(server, { channels: ["gauges"] });
    await Promise.all([muteEnded, otherEnded]);
    await heldIs(1);
    const cursor = await server.append({ ch: "gauges", set: { a: 1 } });
    await eventually(() => expect(proper.frames.at(-1)?.to).toBe(cursor));
    proper.close();
    await heldIs(0);
  });

  it("[H4] that sends a message of more than 64 kB is ended, and others go on", async () => {
    await start();
    const other = await RawSocket.open(server, { channels: ["gauges"] });
    const raw = await RawSocket.open(server, { channels: ["gauges"] });
    await eventually(() => expect(raw.frames).toHaveLength(1));
    const message = (bytes: number) => `42["ack",${JSON.stringify("x".repeat(bytes))}]`;
    raw.send(message(60 * 1024));
    raw.emit("subscribe", { channels: ["meters"], sub: 1 });
    await eventually(() => expect(raw.frames.at(-1)?.sub).toBe(1));
    raw.send(message(64 * 1024));
    await once(raw.ws, "close");
    await heldIs(1);
    const cursor = await server.append({ ch: "gauges", set: { a: 1 } });
    await eventually(() => expect(other.frames.at(-1)?.to).toBe(cursor));
    other.close();
  });

  it("[H4] may subscribe to a limited number of channels, and is told so", async () => {
    await start();
    const raw = await RawSocket.open(server, { channels: ["gauges"] });
    await eventually(() => expect(raw.frames).toHaveLength(1));
    const channels = Array.from({ length: MAX_CHANNELS + 1 }, (_, n) => `c${n}`);
    raw.emit("subscribe", { channels });
    await eventually(() => expect(raw.received.join()).toContain('42["refused",{"code":"too_many_channels"'));
    const query = `channels=${channels.join(",")}`;
    for (const path of ["events", "poll", "snapshot"]) {
      const response = await server.get(`/api/live/${path}?${query}`);
      expect([response.status, (await response.json()).code]).toEqual([400, "too_many_channels"]);
    }
    raw.close();
  });
});
