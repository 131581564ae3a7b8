import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { createParser, type EventSourceMessage } from "eventsource-parser";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { CodedError } from "@/lib/shared/codes";
import { type Frame, MAX_UNACKED_BYTES } from "@/lib/shared/protocol";
import { someUpdate } from "../support/live-flow";
import { contentOf, idOf } from "../support/live-log";
import { TRANSPORTS } from "../support/live-reader";
import { type LiveServer, startLiveServer } from "../support/live-server";
import { Viewer } from "../support/live-viewer";
import { eventually } from "../support/live-wait";

/** What one frame may add before a stream is passed over. */
const SLACK = 80 * 1024;
const page = "p".repeat(8000);

let server: LiveServer;
beforeAll(async () => {
  server = await startLiveServer();
});
afterAll(() => server.close());

const sse = () => server.runtime.hub.viewers().sse;

/** Events of a stream that has not been read yet, one at a time. */
function events(body: ReadableStream<Uint8Array>) {
  const found: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => void found.push(event) });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  return {
    cancel: () => reader.cancel(),
    async next(): Promise<EventSourceMessage & { frame: Frame }> {
      while (found.length === 0) {
        const { done, value } = await reader.read();
        if (done) throw new Error("the stream ended");
        parser.feed(decoder.decode(value, { stream: true }));
      }
      const event = found.shift()!;
      return { ...event, frame: JSON.parse(event.data) };
    },
  };
}

/** A stream of the endpoint itself, whose body is read when and as far as a test likes. */
async function stream(query: string, signal = new AbortController().signal) {
  const request = new Request(`${server.url}/api/live/events?${query}`, { signal });
  return events((await server.runtime.endpoints.events(request)).body!);
}

/** Commits about 2 MB of updates. */
async function flood(): Promise<void> {
  for (let i = 0; i < 25; i++)
    await server.append(
      ...Array.from({ length: 10 }, () => ({ ch: "visits", items: [{ page, seconds: i }] })),
    );
}

it("[T2] is an event stream that no cache keeps and no proxy holds back or compresses", async () => {
  const controller = new AbortController();
  const response = await server.get("/api/live/events?channels=gauges", { signal: controller.signal });
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  expect(response.headers.get("cache-control")).toBe("private, no-store, no-transform");
  expect(response.headers.get("x-accel-buffering")).toBe("no");
  const { value } = await response.body!.getReader().read();
  expect(new TextDecoder().decode(value)).toMatch(/^retry: \d+\n\n/);
  controller.abort();
});

it("[T2] names its events, and gives each an id to read on from", async () => {
  const source = await stream("channels=gauges&sub=4");
  const first = await source.next();
  expect(first).toMatchObject({ event: "frame", id: first.frame.to, frame: { sub: 4, snapshot: {} } });
  const cursor = await server.append(someUpdate("gauges"));
  expect(await source.next()).toMatchObject({ event: "frame", id: cursor, frame: { to: cursor } });
  await server.pass(10_000);
  const beat = await source.next();
  expect(beat).toMatchObject({ event: "beat", id: cursor, frame: { from: cursor, to: cursor, updates: [] } });
  await source.cancel();
});

it("[T2] reads on from Last-Event-ID, which a browser that reconnects sends, rather than from the query", async () => {
  const old = await server.append(someUpdate("gauges"));
  const newer = await server.append(someUpdate("gauges"));
  await server.append(someUpdate("gauges"));
  const from = async (query: string, headers: Record<string, string> = {}) => {
    const request = new Request(`${server.url}/api/live/events?channels=gauges${query}`, { headers });
    const source = events((await server.runtime.endpoints.events(request)).body!);
    const { frame } = await source.next();
    await source.cancel();
    return frame.from;
  };
  expect(await from(`&cursor=${old}`)).toBe(old);
  expect(await from(`&cursor=${old}`, { "Last-Event-ID": newer })).toBe(newer);
  expect(await from("", { "Last-Event-ID": newer })).toBe(newer);
  // A browser that has seen no event sends an empty one.
  expect(await from(`&cursor=${old}`, { "Last-Event-ID": "" })).toBe(old);
});

it("[T6] refuses with a problem document before the stream begins", async () => {
  const response = await server.get("/api/live/events?channels=gauges", {
    headers: { "Last-Event-ID": "x y" },
  });
  expect(response.status).toBe(400);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(await response.json()).toMatchObject({ code: "invalid_cursor", field: "cursor", status: 400 });
});

describe("a stream that ends", () => {
  it("[T2] is forgotten when the client goes away, also before it began", async () => {
    const controller = new AbortController();
    const response = await server.get("/api/live/events?channels=gauges", { signal: controller.signal });
    await eventually(() => expect(sse()).toBe(1));
    controller.abort();
    await expect(response.text()).rejects.toThrow("aborted");
    await eventually(() => expect(sse()).toBe(0));

    const source = await stream("channels=gauges");
    expect(sse()).toBe(1);
    await source.cancel();
    expect(sse()).toBe(0);

    await stream("channels=gauges", AbortSignal.abort());
    expect(sse()).toBe(0);
    // What comes afterwards harms nobody.
    await server.append(someUpdate("gauges"));
  });

  it("[T2] breaks off when the log cannot be read, so that the client comes again", async () => {
    const cursor = await server.append(someUpdate("gauges"));
    // Past what memory holds.
    await server.append({ ch: "visits", items: [{ page: "y".repeat(9_000_000) }] });
    await server.append({ ch: "visits", items: [{}, {}, {}] });
    server.log.failing.read = new CodedError("log_unavailable");
    const source = await stream(`channels=gauges&cursor=${cursor}`);
    await expect(source.next()).rejects.toMatchObject({ code: "log_unavailable" });
    server.log.failing.read = undefined;
    expect(sse()).toBe(0);
  });
});

describe("a stream that is not read", () => {
  it("[H3] is not begun for HEAD, which has the same answer without it", async () => {
    const ask = (query: string, method: string) =>
      server.runtime.endpoints.events(new Request(`${server.url}/api/live/events?${query}`, { method }));
    const streams = sse();
    const head = await ask("channels=gauges", "HEAD");
    expect(sse()).toBe(streams);
    expect(head.body).toBeNull();
    const full = await ask("channels=gauges", "GET");
    await full.body!.cancel();
    expect([head.status, [...head.headers]]).toEqual([full.status, [...full.headers]]);
    // A bad request is one for both.
    for (const method of ["HEAD", "GET"]) expect((await ask("channels=none", method)).status).toBe(404);
  });

  it("[H3] is given at most 256 kB, disturbs nobody, and is complete when it is read", async () => {
    const cursor = await server.append(someUpdate("visits"));
    const enqueue = vi.spyOn(ReadableStreamDefaultController.prototype, "enqueue");
    const slow = await stream(`channels=visits&cursor=${cursor}`);
    const mine = enqueue.mock.instances[0];
    const given = () =>
      enqueue.mock.calls
        .filter((_, i) => enqueue.mock.instances[i] === mine)
        .reduce((sum, [chunk]) => sum + (chunk as Uint8Array).byteLength, 0);
    const fast = TRANSPORTS.sse!(server, { channels: ["visits"], cursor });
    await flood();
    const head = server.runtime.hub.cursor;
    await fast.until(({ to }) => to === head);
    fast.close();
    const total = given();
    enqueue.mockRestore();
    expect(total).toBeGreaterThan(MAX_UNACKED_BYTES - SLACK);
    expect(total).toBeLessThan(MAX_UNACKED_BYTES + SLACK);

    const viewer = new Viewer(["visits"]);
    viewer.take({ to: cursor, snapshot: { visits: server.runtime.hub.state("visits")! } });
    while (viewer.cursor !== head) viewer.take((await slow.next()).frame);
    expect(viewer.applied).toEqual(await contentOf(server.log, idOf(cursor)));
    const last = await server.append(someUpdate("visits"));
    expect((await slow.next()).frame.to).toBe(last);
    await slow.cancel();
  });

  it("[H3] takes no memory of this process over a real connection either", async () => {
    const cursor = await server.append(someUpdate("visits"));
    const request = get(`${server.url}/api/live/events?channels=visits&cursor=${cursor}`);
    const [response] = (await once(request, "response")) as [IncomingMessage];
    const { localPort } = request.socket!;
    const end = [...server.connections].find(({ remotePort }) => remotePort === localPort)!;
    // More than the kernel takes for it.
    for (let i = 0; i < 5; i++) await flood();
    expect(end.writableLength).toBeLessThan(2 * SLACK);
    let text = "";
    response.setEncoding("utf8").on("data", (chunk) => {
      text = (text + chunk).slice(-200_000);
    });
    await eventually(() => expect(text).toContain(`id: ${server.runtime.hub.cursor}\n`));
    request.destroy();
    await eventually(() => expect(sse()).toBe(0));
  });
});
