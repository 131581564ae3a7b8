import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Server as SocketServer } from "socket.io";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Failure } from "@/lib/client/ladder-state";
import { HOLD_S, pollTransport } from "@/lib/client/transports/poll";
import { socketTransport } from "@/lib/client/transports/socket";
import { sseTransport } from "@/lib/client/transports/sse";
import type { OpenTransport, Transport } from "@/lib/client/transports/transport";
import type { Cursor } from "@/lib/shared/cursor";
import type { Frame, Subscribe } from "@/lib/shared/protocol";
import { encodeEvent } from "@/lib/shared/sse";
import { eventually } from "../support/live-wait";
import { NodeEventSource } from "../support/node-event-source";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A real HTTP server on a free port. */
async function serve(listener: RequestListener = () => {}): Promise<{ url: string; http: Server }> {
  const http = createServer(listener);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  ends.push(() => {
    http.closeAllConnections();
    http.close();
  });
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, http };
}

/** Opens a transport and writes down what it says. */
function listen(open: OpenTransport, first: Partial<Subscribe> = {}, pollMs = 50) {
  const heard: { frames: Frame[]; alive: number; failures: Failure[] } = {
    frames: [],
    alive: 0,
    failures: [],
  };
  /** With which cursor each frame was asked for. */
  const asked: (Cursor | undefined)[] = [];
  const dates: (number | undefined)[] = [];
  const wanted: Subscribe = { channels: ["a", "b"], cursor: "e1.5-0", sub: 77, ...first };
  const transport: Transport = open({
    subscription: () => ({ ...wanted }),
    pollMs: () => pollMs,
    frame: (frame, cursor) => {
      heard.frames.push(frame);
      asked.push(cursor);
      wanted.cursor = frame.to;
    },
    alive: (date) => {
      heard.alive += 1;
      dates.push(date);
    },
    failed: (failure) => heard.failures.push(failure),
  });
  ends.push(() => transport.close());
  return { heard, asked, dates, wanted, transport };
}

const FRAME: Frame = { from: "e1.5-0", to: "e1.6-0", updates: [{ id: "6-0", ch: "a", set: { x: 1 } }] };

describe("polls", () => {
  const after = (ms: number, run: () => void) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  };

  /** Answers in order; the last answer again and again. */
  async function poll(
    held: boolean,
    answers: RequestListener[],
    first?: Partial<Subscribe>,
    speed = 1,
    ms = 50,
  ) {
    const urls: string[] = [];
    const { url } = await serve((request, response) => {
      const answer = answers[Math.min(urls.length, answers.length - 1)]!;
      urls.push(request.url!);
      answer(request, response);
    });
    const fast = (ms: number, run: () => void) => after(ms / speed, run);
    const open = pollTransport({ fetch: (path, init) => fetch(url + path, init), after: fast, held });
    return { urls, ...listen(open, first, ms) };
  }

  const json =
    (body: unknown): RequestListener =>
    (_request, response) =>
      response.setHeader("Content-Type", "application/json; charset=utf-8").end(JSON.stringify(body));
  const NOON = Date.UTC(2026, 0, 1, 12);
  const nothingNew: RequestListener = (_request, response) =>
    response.writeHead(304, { Date: new Date(NOON).toUTCString() }).end();
  const never: RequestListener = () => {};

  it("[T3] polls from the cursor at the interval, and stamps the frame with its subscription's number", async () => {
    const { urls, heard, asked } = await poll(false, [json(FRAME), nothingNew], { fresh: ["b"] });
    await eventually(() => expect(heard.alive).toBeGreaterThan(1));
    expect(asked).toEqual(["e1.5-0"]);
    expect(heard.frames).toEqual([{ ...FRAME, sub: 77 }]);
    expect(urls[0]).toBe("/api/live/poll?channels=a,b&cursor=e1.5-0&fresh=b");
    expect(urls[1]).toContain("cursor=e1.6-0");
  });

  it("[T3] a long poll is held, but for its first request, which shows that the rung works", async () => {
    const { urls, heard } = await poll(true, [nothingNew, never]);
    await eventually(() => expect(urls.length).toBe(2));
    expect(urls[0]).not.toContain("wait");
    expect(urls[1]).toContain(`wait=${HOLD_S}`);
    expect(heard.alive).toBe(1);
  });

  it("[C7] tells the date of an answer that has nothing new, and none when there is none to be trusted", async () => {
    const { heard, dates } = await poll(false, [
      nothingNew,
      (_request, response) => response.writeHead(304, { Date: "soon" }).end(),
      (_request, response) => {
        response.sendDate = false;
        response.writeHead(304).end();
      },
    ]);
    await eventually(() => expect(heard.alive).toBeGreaterThan(2));
    expect(dates.slice(0, 3)).toEqual([NOON, undefined, undefined]);
  });

  it("[T3] a held request that is answered at once with nothing is no hot loop", async () => {
    const stuck = { from: "e1.5-0", to: "e1.5-0", updates: [] };
    const times: number[] = [];
    const answer: RequestListener = (request, response) => {
      times.push(performance.now());
      json(stuck)(request, response);
    };
    await poll(true, [answer], {}, 10);
    await eventually(() => expect(times.length).toBe(4));
    // The first is not held; each later one comes a second (here a tenth) after the one before.
    expect(times[3]! - times[1]!).toBeGreaterThan(190);
  });

  it("[T3] asks on at once, and is not held, while there is more, and else at the interval", async () => {
    const part: Frame = { ...FRAME, now: 60_000, more: true };
    const last: Frame = { ...FRAME, to: "e1.8-0", now: 60_000 };
    for (const held of [true, false]) {
      const parts = [json(FRAME), json({ ...part, to: "e1.7-0" }), json(last), never];
      const { urls, heard } = await poll(held, held ? parts : parts.slice(1), {}, 1, 60_000);
      await eventually(() => expect(heard.frames.at(-1)?.to).toBe("e1.8-0"));
      const waits = held ? [false, true, false] : [false, false];
      expect(urls.slice(0, waits.length).map((url) => url.includes("wait"))).toEqual(waits);
      if (held) await eventually(() => expect(urls[3]).toContain("wait"));
      else await new Promise((resolve) => setTimeout(resolve, 50));
      expect(urls.length).toBe(held ? 4 : 2);
    }
  });

  it("[T3] a server that says again and again that there is more, but gives nothing, is no hot loop", async () => {
    const stuck = { from: "e1.5-0", to: "e1.5-0", updates: [], more: true };
    for (const held of [true, false]) {
      const { urls } = await poll(held, [json(stuck)], {}, 1, 60_000);
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(urls.length).toBe(held ? 2 : 1);
    }
  });

  it("[C2] gives up on a request that gets no answer", async () => {
    const { heard } = await poll(false, [never], {}, 100);
    await eventually(() => expect(heard.failures[0]).toMatchObject({ reason: "timeout", answered: false }));
  });

  it("[C2] gives up on an answer whose body never ends", async () => {
    const endless: RequestListener = (_request, response) =>
      response.setHeader("Content-Type", "application/json").write("{");
    const { heard } = await poll(false, [endless], {}, 100);
    await eventually(() => expect(heard.failures[0]).toMatchObject({ reason: "timeout", answered: false }));
  });

  it("[T6] a problem document is an answer, with code and retry hint", async () => {
    const problem: RequestListener = (_request, response) =>
      response
        .writeHead(503, { "Content-Type": "application/problem+json", "Retry-After": "7" })
        .end(JSON.stringify({ code: "log_unavailable", title: "The log is out of reach" }));
    const { heard } = await poll(false, [problem]);
    await eventually(() =>
      expect(heard.failures).toEqual([
        {
          reason: "refused",
          answered: true,
          code: "log_unavailable",
          message: "The log is out of reach",
          retryAfterMs: 7000,
        },
      ]),
    );
  });

  const strangers: [string, RequestListener][] = [
    [
      "HTML with 200",
      (_request, response) => response.setHeader("Content-Type", "text/html").end("<h1>Sign in</h1>"),
    ],
    [
      "HTML that says it is JSON",
      (_request, response) => response.setHeader("Content-Type", "application/json").end("<h1>"),
    ],
    ["JSON that is no frame", json({ ok: true })],
    [
      "a proxy's 502",
      (_request, response) => response.writeHead(502, { "Content-Type": "text/html" }).end("Bad"),
    ],
    [
      "a redirect, even to something that looks like a frame",
      (request, response) => {
        if (request.url === "/elsewhere") json(FRAME)(request, response);
        else response.writeHead(302, { Location: "/elsewhere" }).end();
      },
    ],
    [
      "a problem document that is none",
      (_request, response) =>
        response.writeHead(503, { "Content-Type": "application/problem+json" }).end("<"),
    ],
  ];
  for (const [what, answer] of strangers) {
    it(`[C1] ${what} is no answer from the server`, async () => {
      const { heard } = await poll(false, [answer]);
      await eventually(() => expect(heard.failures).toMatchObject([{ answered: false }]));
      expect(heard.frames).toEqual([]);
    });
  }

  it("[F3] a refresh drops the request that is under way and asks from the new subscription", async () => {
    const { urls, wanted, heard, transport } = await poll(true, [never, json(FRAME), never]);
    await eventually(() => expect(urls.length).toBe(1));
    wanted.channels = ["c"];
    wanted.sub = 78;
    transport.refresh();
    await eventually(() => expect(heard.frames).toEqual([{ ...FRAME, sub: 78 }]));
    expect(urls[1]).toContain("channels=c&");
    expect(heard.failures).toEqual([]);
  });

  it("[C3] says nothing after it was closed", async () => {
    const { heard, transport, urls } = await poll(false, [json(FRAME)]);
    transport.close();
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(heard).toEqual({ frames: [], alive: 0, failures: [] });
    expect(urls.length).toBeLessThanOrEqual(1);
  });
});

describe("server-sent events", () => {
  async function stream(answer: RequestListener) {
    const urls: string[] = [];
    const { url } = await serve((request, response) => {
      urls.push(request.url!);
      answer(request, response);
    });
    return { urls, ...listen(sseTransport((path) => new NodeEventSource(url + path))) };
  }
  const headers = { "Content-Type": "text/event-stream" };

  it("[T2] delivers frames and beats, stamped with the subscription's number", async () => {
    const beat: Frame = { from: "e1.6-0", to: "e1.6-0", updates: [], now: 5 };
    const { heard, asked, urls } = await stream((_request, response) => {
      response.writeHead(200, headers);
      response.write(encodeEvent({ event: "frame", id: FRAME.to, data: JSON.stringify(FRAME) }));
      response.write(encodeEvent({ event: "beat", id: beat.to, data: JSON.stringify(beat) }));
    });
    await eventually(() =>
      expect(heard.frames).toEqual([
        { ...FRAME, sub: 77 },
        { ...beat, sub: 77 },
      ]),
    );
    expect(urls).toEqual(["/api/live/events?channels=a,b&cursor=e1.5-0"]);
    // Only the first frame is an answer.
    expect(asked).toEqual(["e1.5-0", undefined]);
  });

  it("[C1] fails once when the stream ends, and leaves reconnecting to the ladder", async () => {
    const { heard, urls } = await stream((_request, response) => response.writeHead(200, headers).end());
    await eventually(() => expect(heard.failures).toMatchObject([{ reason: "closed", answered: false }]));
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(urls.length).toBe(1);
    expect(heard.failures.length).toBe(1);
  });

  it("[C1] an event that is no frame is not the server's", async () => {
    const { heard } = await stream((_request, response) =>
      response.writeHead(200, headers).write(encodeEvent({ event: "frame", data: "<html>" })),
    );
    await eventually(() => expect(heard.failures).toMatchObject([{ reason: "not-ours", answered: false }]));
  });

  it("[F3] a refresh opens another stream from the new subscription, and the old one is not heard any more", async () => {
    let open = 0;
    const { urls, wanted, heard, transport } = await stream((request, response) => {
      open += 1;
      response.on("close", () => {
        open -= 1;
      });
      response.writeHead(200, headers);
      const frame = { ...FRAME, to: request.url!.includes("channels=c") ? "e1.9-0" : "e1.6-0" };
      response.write(encodeEvent({ event: "frame", data: JSON.stringify(frame) }));
    });
    await eventually(() => expect(heard.frames.length).toBe(1));
    wanted.channels = ["c"];
    wanted.sub = 78;
    transport.refresh();
    await eventually(() => expect(heard.frames[1]).toMatchObject({ to: "e1.9-0", sub: 78 }));
    await eventually(() => expect(open).toBe(1));
    expect(urls.length).toBe(2);
    expect(heard.failures).toEqual([]);
  });
});

describe("the socket", () => {
  type Load = Parameters<typeof socketTransport>[0];
  async function socket(setUp: (io: SocketServer) => void, load: Load = () => import("socket.io-client")) {
    const { http, url } = await serve();
    const io = new SocketServer(http, { transports: ["websocket"] });
    ends.push(() => io.close());
    setUp(io);
    return { io, ...listen(socketTransport(load, url)) };
  }

  it("[T1] subscribes in the handshake, and its first frame is the answer", async () => {
    let asked: unknown;
    const { heard } = await socket((io) =>
      io.on("connection", (peer) => {
        asked = peer.handshake.auth.subscribe;
        peer.emit("frame", { ...FRAME, sub: 77 });
      }),
    );
    await eventually(() => expect(heard.frames).toEqual([{ ...FRAME, sub: 77 }]));
    expect(asked).toEqual({ channels: ["a", "b"], cursor: "e1.5-0", sub: 77 });
  });

  it("[T1] changes the set by `subscribe`, whose acknowledgement carries the frame", async () => {
    const requests: unknown[] = [];
    const { heard, asked, wanted, transport } = await socket((io) =>
      io.on("connection", (peer) => {
        peer.emit("frame", { ...FRAME, sub: 77 });
        peer.on("subscribe", (request, answer) => {
          requests.push(request);
          peer.emit("frame", { ...FRAME, sub: 77 });
          answer({ ok: true, frame: { ...FRAME, to: "e1.9-0", sub: 78 } });
          peer.emit("frame", { ...FRAME, to: "e1.10-0", sub: 78 });
        });
      }),
    );
    await eventually(() => expect(heard.frames.length).toBe(1));
    wanted.channels = ["c"];
    wanted.sub = 78;
    transport.refresh();
    await eventually(() => expect(heard.frames.map(({ sub }) => sub)).toEqual([77, 77, 78, 78]));
    expect(requests).toEqual([{ channels: ["c"], cursor: "e1.6-0", sub: 78 }]);
    // A frame that follows by itself answers nothing.
    expect(asked).toEqual(["e1.5-0", undefined, "e1.6-0", undefined]);
  });

  /** The real library with 8 s of patience made 80 ms. */
  const hasty: Load = async () => {
    const { io } = await import("socket.io-client");
    const connect = (...args: Parameters<typeof io>) => {
      const socket = io(...args);
      const timeout = socket.timeout.bind(socket);
      return Object.assign(socket, { timeout: (ms: number) => timeout(ms / 100) });
    };
    return { io: connect as typeof io };
  };

  const replaced: [string, (answer: (reply: object) => void) => void][] = [
    ["is never answered", () => {}],
    ["is refused", (answer) => answer({ ok: false, error: { code: "unknown_channel" } })],
  ];
  for (const [what, first] of replaced) {
    it(`[T1] a subscription that was replaced and ${what} says nothing about the connection`, async () => {
      const asked: Subscribe[] = [];
      let answerFirst = (_reply: object) => {};
      const { heard, wanted, transport } = await socket(
        (io) =>
          io.on("connection", (peer) => {
            peer.emit("frame", { ...FRAME, sub: 77 });
            peer.on("subscribe", (request, answer) => {
              asked.push(request);
              if (asked.length === 1) answerFirst = answer;
              else first(answerFirst);
              if (asked.length === 2) answer({ ok: true, frame: { ...FRAME, to: "e1.9-0", sub: 79 } });
            });
          }),
        hasty,
      );
      await eventually(() => expect(heard.frames.length).toBe(1));
      for (const sub of [78, 79]) {
        wanted.sub = sub;
        transport.refresh();
      }
      await eventually(() => expect(heard.frames[1]).toMatchObject({ to: "e1.9-0", sub: 79 }));
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(asked.map(({ sub }) => sub)).toEqual([78, 79]);
      expect(heard.failures).toEqual([]);
    });
  }

  it("[T1] a subscription that gets no answer shows that the connection is dead", async () => {
    const { heard, transport } = await socket(
      (io) => io.on("connection", (peer) => peer.emit("frame", { ...FRAME, sub: 77 })),
      hasty,
    );
    await eventually(() => expect(heard.frames.length).toBe(1));
    transport.refresh();
    await eventually(() => expect(heard.failures).toMatchObject([{ reason: "timeout", answered: false }]));
  });

  it("[T1] a change while it is still connecting is not lost", async () => {
    const asked: Subscribe[] = [];
    const { wanted, transport } = await socket((io) =>
      io.on("connection", (peer) => {
        asked.push(peer.handshake.auth.subscribe);
        peer.on("subscribe", (request) => asked.push(request));
      }),
    );
    wanted.channels = ["c"];
    transport.refresh();
    await eventually(() => expect(asked.at(-1)?.channels).toEqual(["c"]));
  });

  it("[H3] acknowledges each 64 kB and with each beat, and nothing in between", async () => {
    const acks: string[] = [];
    const { io, heard } = await socket((server) =>
      server.on("connection", (peer) => peer.on("ack", ({ cursor }) => acks.push(cursor))),
    );
    await eventually(() => expect(io.sockets.sockets.size).toBe(1));
    const text = "x".repeat(10_000);
    for (let i = 6; i < 20; i += 1) {
      io.emit("frame", { ...FRAME, to: `e1.${i}-0`, text });
      await vi.waitFor(() => expect(heard.frames.at(-1)?.to).toBe(`e1.${i}-0`), {
        timeout: 10_000,
        interval: 2,
      });
    }
    io.emit("frame", { from: "e1.19-0", to: "e1.19-0", updates: [], now: 1 });
    await eventually(() => expect(acks).toEqual(["e1.12-0", "e1.19-0", "e1.19-0"]));
  });

  it("[H3] of frames that come in one burst the last is acknowledged", async () => {
    const acks: string[] = [];
    const { io, heard } = await socket((server) =>
      server.on("connection", (peer) => peer.on("ack", ({ cursor }) => acks.push(cursor))),
    );
    await eventually(() => expect(io.sockets.sockets.size).toBe(1));
    const text = "x".repeat(950);
    for (let i = 0; i < 128; i += 1) io.emit("frame", { ...FRAME, to: `e1.${1000 + i}-0`, text });
    // Of 128 kB, less than 64 kB may be left unacknowledged.
    await eventually(() => expect(heard.frames.length).toBe(128));
    await eventually(() => expect(Number(acks.at(-1)?.slice(3, -2))).toBeGreaterThan(1062));
  });

  it("[T1] a refused subscription is an answer with a code, in the handshake and later", async () => {
    const refusal = { code: "too_many_channels", message: "At most 64 channels" };
    const first = await socket((io) => io.on("connection", (peer) => peer.emit("refused", refusal)));
    const expected = [{ reason: "refused", answered: true, ...refusal }];
    await eventually(() => expect(first.heard.failures).toMatchObject(expected));
    const later = await socket((io) =>
      io.on("connection", (peer) => {
        peer.emit("frame", FRAME);
        peer.on("subscribe", (_request, answer) => answer({ ok: false, error: refusal }));
      }),
    );
    await eventually(() => expect(later.heard.frames.length).toBe(1));
    later.transport.refresh();
    await eventually(() => expect(later.heard.failures).toMatchObject(expected));
  });

  it("[T1] a refusal by the server's middleware is an answer too", async () => {
    const { heard } = await socket((io) =>
      io.use((_peer, next) =>
        next(
          Object.assign(new Error("Too much work is waiting"), {
            data: { code: "overloaded", retryAfter: 3 },
          }),
        ),
      ),
    );
    await eventually(() =>
      expect(heard.failures).toMatchObject([
        { answered: true, code: "overloaded", message: "Too much work is waiting", retryAfterMs: 3000 },
      ]),
    );
  });

  it("[C1] a proxy that refuses the upgrade is no answer", async () => {
    const { url } = await serve((_request, response) => response.writeHead(400).end());
    const { heard } = listen(socketTransport(() => import("socket.io-client"), url));
    await eventually(() => expect(heard.failures).toMatchObject([{ reason: "closed", answered: false }]));
  });

  it("[C1] fails once when the connection breaks, and leaves reconnecting to the ladder", async () => {
    let connections = 0;
    const { io, heard } = await socket((server) =>
      server.on("connection", (peer) => {
        connections += 1;
        peer.emit("frame", FRAME);
      }),
    );
    await eventually(() => expect(heard.frames.length).toBe(1));
    for (const { conn } of io.sockets.sockets.values()) conn.close();
    await eventually(() => expect(heard.failures).toMatchObject([{ reason: "closed", answered: false }]));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(connections).toBe(1);
    expect(heard.failures.length).toBe(1);
  });

  it("[C3] says nothing after it was closed, even while its code was still loading", async () => {
    let connections = 0;
    const { heard, transport } = await socket((io) => io.on("connection", () => (connections += 1)));
    transport.close();
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(connections).toBe(0);
    expect(heard).toEqual({ frames: [], alive: 0, failures: [] });
  });

  it("[C1] code that cannot be loaded is a failure like any other", async () => {
    const { heard } = await socket(
      () => {},
      () => Promise.reject(new Error("chunk")),
    );
    await eventually(() => expect(heard.failures).toMatchObject([{ answered: false }]));
  });
});
