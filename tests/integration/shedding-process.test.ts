import { connect, type Socket } from "node:net";
import { io } from "socket.io-client";
import { afterEach, expect, it } from "vitest";
import type { Frame } from "@/lib/shared/protocol";
import { freePort } from "../support/free-port";
import { rawRequest } from "../support/live-request";
import { publish } from "../support/producer";
import { stallLoop } from "../support/stall-loop";
import { type NowboardServer, type ServerOptions, startServer } from "../support/start-server";

const PATIENCE = { timeout: 60_000, interval: 100 };
const PAGE = "/api/live/snapshot?channels=orders";

let server: NowboardServer | undefined;
let idle: Socket[] = [];
afterEach(async () => {
  for (const socket of idle) socket.destroy();
  idle = [];
  await server?.close();
});

/** A viewer as a browser is, which keeps what it was sent and sees whether anything is missing in between. */
function watch(url: string) {
  const orders: string[] = [];
  const errors: Error[] = [];
  const seen = { frames: 0, gaps: 0 };
  let last: string | undefined;
  const socket = io(url, {
    transports: ["websocket"],
    reconnection: false,
    auth: { subscribe: { channels: ["orders", "api"] } },
  });
  socket.on("frame", (frame: Frame) => {
    seen.frames += 1;
    if (last !== undefined && frame.from !== last) seen.gaps += 1;
    last = frame.to;
    for (const { items } of frame.updates ?? [])
      for (const { order } of items ?? []) orders.push(String(order));
    socket.emit("ack", { cursor: frame.to });
  });
  socket.on("connect_error", (error) => errors.push(error));
  return { socket, orders, errors, seen };
}

/** Opens event streams that nobody reads. */
function openIdle(port: number, count: number) {
  for (let n = 0; n < count; n++) {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write(`GET /api/live/events?channels=orders,business HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    socket.pause();
    idle.push(socket);
  }
}

const statusOf = async (path: string, init?: RequestInit) => {
  const answer = await fetch(server!.url + path, { ...init, signal: AbortSignal.timeout(10_000) });
  await answer.body?.cancel();
  return answer.status;
};

/** While it sheds: what is new is refused, and the viewer goes on without a gap. */
async function expectShedding({ url }: NowboardServer, viewer: ReturnType<typeof watch>) {
  for (const path of ["/", "/api/live/events?channels=orders", "/api/live/poll?channels=orders"])
    expect(await statusOf(path)).toBe(503);
  expect(await statusOf("/api/ingest/orders", { method: "POST", body: "{}" })).toBe(503);
  expect(await statusOf("/healthz")).toBe(200);
  const late = watch(url);
  await expect.poll(() => late.errors, PATIENCE).toHaveLength(1);
  expect(late.socket.connected).toBe(false);
  expect(viewer.socket.connected).toBe(true);
}

/** Afterwards: everybody is let in, and the viewer has had everything. */
async function expectRecovery(target: NowboardServer, viewer: ReturnType<typeof watch>) {
  await expect.poll(() => statusOf(PAGE), PATIENCE).toBe(200);
  const order = { order: "after", amount: 1 };
  await publish(target, "orders", order);
  await expect.poll(() => viewer.orders, PATIENCE).toEqual(["before", "after"]);
  expect(viewer.seen.gaps).toBe(0);
  const next = watch(target.url);
  await expect.poll(() => next.seen.frames, PATIENCE).toBeGreaterThan(0);
  for (const { socket } of [viewer, next]) socket.disconnect();
}

async function start(options: ServerOptions) {
  server = await startServer(options);
  const viewer = watch(server.url);
  await expect.poll(() => viewer.seen.frames, PATIENCE).toBeGreaterThan(0);
  await publish(server, "orders", { order: "before", amount: 1 });
  return { server, viewer };
}

it("[H4] sheds load before its memory is full, keeps its viewers, and lets new ones in afterwards", async () => {
  const { server, viewer } = await start({
    nodeOptions: ["--max-old-space-size=128"],
    env: { NOWBOARD_MAX_CONNECTIONS_PER_ADDRESS: "100000", NOWBOARD_MAX_CONNECTIONS: "100000" },
  });
  const { port, pid } = server;
  // Each stream takes about 90 kB of the 128 MB.
  await expect
    .poll(async () => {
      openIdle(port, 40);
      return statusOf(PAGE);
    }, PATIENCE)
    .toBe(503);
  const { frames } = viewer.seen;
  await expectShedding(server, viewer);
  expect(await statusOf(`/api/live/poll?channels=orders&cursor=${"a".repeat(8)}.1-0`)).toBe(200);
  await expect.poll(() => viewer.seen.frames, PATIENCE).toBeGreaterThan(frames + 1);
  expect(await statusOf(PAGE)).toBe(503);
  for (const one of idle) one.destroy();
  await expectRecovery(server, viewer);
  expect(server.pid).toBe(pid);
}, 180_000);

it("[H4] sheds load while its event loop is late, and lets new ones in afterwards", async () => {
  const inspectPort = await freePort();
  const { server, viewer } = await start({ nodeOptions: [`--inspect=127.0.0.1:${inspectPort}`] });
  const stop = await stallLoop(inspectPort, 1500);
  await expect.poll(() => statusOf(PAGE), PATIENCE).toBe(503);
  const { frames } = viewer.seen;
  await expectShedding(server, viewer);
  await expect.poll(() => viewer.seen.frames, PATIENCE).toBeGreaterThan(frames);
  await stop();
  await expectRecovery(server, viewer);
}, 180_000);

it("[H4] does not take a process that was stopped, or slept, for a busy one", async () => {
  const { server, viewer } = await start({});
  server.stall();
  await new Promise((resolve) => setTimeout(resolve, 4000));
  server.resume();
  // Its first look at the clock is made before any of these is answered.
  for (let n = 0; n < 20; n++) expect(await statusOf(PAGE)).toBe(200);
  await publish(server, "orders", { order: "after", amount: 1 });
  await expect.poll(() => viewer.orders, PATIENCE).toEqual(["before", "after"]);
  viewer.socket.disconnect();
});

it("a request's id and address go through all of the product, and no other way of writing a path around it", async () => {
  server = await startServer({ env: { NOWBOARD_MAX_CONNECTIONS: "1" } });
  const page = await fetch(`${server.url}/`);
  expect(page.status).toBe(200);
  expect(page.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  const refused = await fetch(`${server.url}/api/live/poll?channels=none`);
  const id = refused.headers.get("x-request-id");
  const lines = () =>
    server!
      .output()
      .split("\n")
      .filter((line) => line.includes(`"requestId":"${id}"`));
  await expect.poll(lines, PATIENCE).toHaveLength(1);
  expect(JSON.parse(lines()[0]!)).toMatchObject({ code: "unknown_channel", address: "127.0.0.1" });
  const held = rawRequest(server.port, "/api/live/events?channels=orders");
  idle.push(held.socket);
  await expect.poll(() => held.status(), PATIENCE).toBe(200);
  for (const path of [
    "/api/live/events?channels=orders",
    "/api/live/%65vents?channels=orders",
    "/api/live/poll?channels=orders&%77ait=5",
  ])
    expect(await statusOf(path)).toBe(503);
});
