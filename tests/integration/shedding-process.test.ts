import { connect, type Socket } from "node:net";
import { io } from "socket.io-client";
import { afterEach, expect, it } from "vitest";
import type { Frame } from "@/lib/shared/protocol";
import { publish } from "../support/producer";
import { type NowboardServer, startServer } from "../support/start-server";

const PATIENCE = { timeout: 60_000, interval: 100 };
const PAGE = "/api/live/snapshot?channels=orders";

let server: NowboardServer | undefined;
let idle: Socket[] = [];
afterEach(async () => {
  for (const socket of idle) socket.destroy();
  idle = [];
  await server?.close();
});

/** A viewer as a browser is, which keeps the numbers of the orders that it was sent. */
function watch(url: string) {
  const orders: string[] = [];
  const errors: Error[] = [];
  const socket = io(url, {
    transports: ["websocket"],
    reconnection: false,
    auth: { subscribe: { channels: ["orders"] } },
  });
  socket.on("frame", (frame: Frame) => {
    for (const { items } of frame.updates ?? [])
      for (const { order } of items ?? []) orders.push(String(order));
    socket.emit("ack", { cursor: frame.to });
  });
  socket.on("connect_error", (error) => errors.push(error));
  return { socket, orders, errors };
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

it("[H4] sheds load before its memory is full, keeps its viewers, and lets new ones in afterwards", async () => {
  server = await startServer({
    nodeOptions: ["--max-old-space-size=128"],
    env: { NOWBOARD_MAX_CONNECTIONS_PER_ADDRESS: "100000", NOWBOARD_MAX_CONNECTIONS: "100000" },
  });
  const { url, port, pid } = server;
  const { socket, orders } = watch(url);
  await expect.poll(() => socket.connected, PATIENCE).toBe(true);
  let sent = 0;
  const send = () => publish(server!, "orders", { order: `N-${++sent}`, amount: 1 });
  await send();

  // Each stream takes about 90 kB of the 128 MB.
  await expect
    .poll(async () => {
      openIdle(port, 40);
      return statusOf(PAGE);
    }, PATIENCE)
    .toBe(503);
  for (const path of ["/", "/api/live/events?channels=orders", "/api/live/poll?channels=orders"])
    expect(await statusOf(path)).toBe(503);
  expect(await statusOf("/api/ingest/orders", { method: "POST", body: "{}" })).toBe(503);
  expect(await statusOf("/healthz")).toBe(200);
  const late = watch(url);
  await expect.poll(() => late.errors, PATIENCE).toHaveLength(1);
  expect(late.socket.connected).toBe(false);
  expect(await statusOf(`/api/live/poll?channels=orders&cursor=${"a".repeat(8)}.1-0`)).toBe(200);
  expect(socket.connected).toBe(true);

  for (const one of idle) one.destroy();
  await expect.poll(() => statusOf(PAGE), PATIENCE).toBe(200);
  await send();
  await expect.poll(() => orders, PATIENCE).toEqual([...Array(sent)].map((_, n) => `N-${n + 1}`));
  const next = watch(url);
  await expect.poll(() => next.socket.connected, PATIENCE).toBe(true);
  expect(server.pid).toBe(pid);
  for (const viewer of [socket, late.socket, next.socket]) viewer.disconnect();
}, 180_000);
