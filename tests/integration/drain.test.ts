import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stop } from "@/lib/server/http/stop";
import { someUpdate } from "../support/live-flow";
import { type LiveHub, SpyFanout, SpyReceiver, startHub } from "../support/live-hub";
import { TRANSPORTS } from "../support/live-reader";
import { type LiveServer, startLiveServer } from "../support/live-server";
import { eventually } from "../support/live-wait";

describe("a hub that drains", () => {
  let live: LiveHub;
  beforeEach(async () => {
    live = await startHub();
  });
  afterEach(() => live.close());

  it("[H6] sends its viewers away one after the other over the time, after all that they are owed", async () => {
    const fanout = new SpyFanout();
    const receivers = Array.from({ length: 40 }, () => new SpyReceiver());
    for (const receiver of receivers) live.hub.attach(fanout, receiver, "ada", { channels: ["gauges"] });
    const gone = () => receivers.filter(({ moved }) => moved).length;
    const steps = new Set<number>();
    const drained = live.hub.drain(1000);
    let over = false;
    void drained.then(() => {
      over = true;
    });
    while (!over) {
      await live.append(someUpdate("gauges"));
      steps.add(gone());
      await sleep(10);
    }
    expect(gone()).toBe(40);
    // Not all in one go: between the first and the last there were many in between.
    expect(steps.size).toBeGreaterThan(5);
    expect(live.hub.viewers().socket).toBe(0);
    const owed = receivers.at(-1)!.updates.map(({ id }) => id);
    expect(owed.length).toBeGreaterThan(5);
    for (const { updates } of receivers)
      expect(updates.map(({ id }) => id)).toEqual(owed.slice(0, updates.length));
  });

  it("[H6] sends away who comes when it is over, too", async () => {
    await live.hub.drain(0);
    const late = new SpyReceiver();
    live.hub.attach(new SpyFanout(), late, "ada", { channels: ["gauges"] });
    expect(late.moved).toBe(true);
    expect(late.frames).toHaveLength(1);
    expect(live.hub.viewers().socket).toBe(0);
  });

  it("[H6] answers the requests that it holds", async () => {
    const wait = live.hub.wait(["gauges"], 60_000);
    await live.hub.drain(0);
    await wait;
    expect(live.hub.viewers().waiting).toBe(0);
  });
});

describe("a server that drains", () => {
  let live: LiveServer;
  beforeEach(async () => {
    live = await startLiveServer();
  });
  afterEach(() => live.close());

  it("[H6] asks each transport to come back, with nothing lost before", async () => {
    const cursor = await live.append(someUpdate("gauges"));
    const readers = Object.values(TRANSPORTS).map((open) => open(live, { channels: ["gauges"], cursor }));
    await eventually(() => expect(live.runtime.hub.viewers()).toMatchObject({ socket: 2, sse: 1 }));
    const last = await live.append(someUpdate("gauges"));
    await Promise.all(readers.map((reader) => reader.until(({ to }) => to === last)));
    await live.runtime.hub.drain(0);
    expect(live.runtime.hub.viewers()).toMatchObject({ socket: 0, sse: 0 });
    for (const reader of readers) reader.close();
    const stream = live.get(`/api/live/events?channels=gauges&cursor=${last}`);
    expect((await stream).status).toBe(200);
  });

  it("[H6] says moved on a stream before it ends", async () => {
    const response = await live.get("/api/live/events?channels=gauges");
    await eventually(() => expect(live.runtime.hub.viewers().sse).toBe(1));
    const text = response.text();
    await live.runtime.hub.drain(0);
    expect(await text).toMatch(/event: frame\n[\s\S]*event: moved\ndata: \{\}\n\n$/);
  });

  it("[H6][T3] holds no request any more", async () => {
    const cursor = await live.append(someUpdate("gauges"));
    const url = `/api/live/poll?channels=gauges&cursor=${cursor}&wait=50`;
    const held = live.get(url);
    await eventually(() => expect(live.runtime.hub.viewers().waiting).toBe(1));
    await live.runtime.hub.drain(0);
    expect((await held).status).toBe(304);
    expect((await live.get(url)).status).toBe(304);
  });
});

describe("a stop", () => {
  let server: Server;
  let steps: string[];
  beforeEach(async () => {
    steps = [];
    server = createServer((_req, res) => res.end("served"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterEach(() => void server.close());

  const stopping = (noticeMs: number) =>
    stop(
      {
        server,
        io: { close: async () => void steps.push("sockets closed") },
        runtime: {
          beginStop: () => void steps.push("not ready"),
          hub: {
            drain: async (ms) => void steps.push(`drained in ${ms}, ${server.listening ? "open" : "closed"}`),
          },
          close: async () => void steps.push("stored"),
        },
        exit: (code) => void steps.push(`exit ${code}`),
      },
      { noticeMs, drainMs: 7 },
    );

  it("[H6] is not ready, refuses connections, sends viewers away, stores, and exits with 0", async () => {
    await stopping(0);
    expect(steps).toEqual(["not ready", "drained in 7, closed", "sockets closed", "stored", "exit 0"]);
  });

  it("[H6] goes on serving while load balancers look elsewhere", async () => {
    const { port } = server.address() as { port: number };
    const stopped = stopping(300);
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    expect(await answer.text()).toBe("served");
    expect(steps).toEqual(["not ready"]);
    await stopped;
    expect(steps.at(-1)).toBe("exit 0");
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
  });
});
