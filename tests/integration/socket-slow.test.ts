import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { ACK_BYTES, type Frame, MAX_UNACKED_BYTES } from "@/lib/shared/protocol";
import { contentOf, idOf } from "../support/live-log";
import { RawSocket } from "../support/live-raw-socket";
import { type LiveServer, startLiveServer } from "../support/live-server";
import { Viewer } from "../support/live-viewer";
import { eventually } from "../support/live-wait";

/** What one frame may add before a viewer is passed over, and what surrounds it. */
const SLACK = 80 * 1024;
const page = "p".repeat(8000);

let server: LiveServer;
let open: RawSocket[] = [];
beforeAll(async () => {
  server = await startLiveServer();
});
afterEach(() => {
  for (const socket of open) socket.close();
  open = [];
});
afterAll(() => server.close());

async function connect(cursor: string): Promise<RawSocket> {
  const socket = await RawSocket.open(server, { channels: ["visits"], cursor });
  open.push(socket);
  await eventually(() => expect(socket.frames.length).toBeGreaterThan(0));
  return socket;
}

/** A client as it should be: it acknowledges each 64 kB. */
function acknowledge(socket: RawSocket): void {
  let acked = 0;
  socket.ws.on("message", () => {
    if (socket.bytes - acked < ACK_BYTES || socket.frames.length === 0) return;
    acked = socket.bytes;
    socket.ack();
  });
}

/** Commits about 2 MB of updates, 80 kB at a time. */
async function flood(): Promise<void> {
  for (let i = 0; i < 25; i++)
    await server.append(
      ...Array.from({ length: 10 }, () => ({ ch: "visits", items: [{ page, seconds: i }] })),
    );
}

/** Expects that the frames bring everything since `cursor`, once and in order. */
async function expectComplete(frames: Frame[], cursor: string): Promise<void> {
  const viewer = new Viewer(["visits"]);
  viewer.take({ to: cursor, snapshot: { visits: server.runtime.hub.state("visits")! } });
  for (const frame of frames) viewer.take(frame);
  expect(viewer.applied).toEqual(await contentOf(server.log, idOf(cursor)));
}

it("[H3] leaves at most 256 kB unacknowledged, disturbs nobody, and goes on when it is acknowledged", async () => {
  const cursor = await server.append({ ch: "visits", items: [{ page: "first" }] });
  const [mute, good] = [await connect(cursor), await connect(cursor)];
  acknowledge(good);
  const before = mute.serverEnd.bytesWritten;
  await flood();
  const head = server.runtime.hub.cursor;
  await eventually(() => expect(good.frames.at(-1)!.to).toBe(head));
  await expectComplete(good.frames, cursor);

  // It reads everything that comes, but says nothing: that is what the limit is about.
  await sleep(30);
  const sent = mute.serverEnd.bytesWritten - before;
  expect(sent).toBeGreaterThan(MAX_UNACKED_BYTES - SLACK);
  expect(sent).toBeLessThan(MAX_UNACKED_BYTES + SLACK);
  expect(mute.serverEnd.writableLength).toBeLessThan(SLACK);
  // And an operator sees which of the two it is (K1).
  const [report] = await server.runtime.cluster.reports();
  const [slow, fast] = report!.connections.sort((a, b) => b.bufferedBytes - a.bufferedBytes);
  expect(slow!.lagMs).toBeGreaterThan(0);
  expect(slow!.bufferedBytes).toBeGreaterThan(MAX_UNACKED_BYTES - SLACK);
  expect([fast!.lagMs, fast!.bufferedBytes]).toEqual([0, 0]);

  // Each acknowledgement lets about as much come as it covers, up to the limit again.
  while (mute.frames.at(-1)!.to !== head) {
    const { length } = mute.frames;
    mute.ack();
    await eventually(() => expect(mute.frames.length).toBeGreaterThan(length));
  }
  await expectComplete(mute.frames, cursor);

  // And then it is live again, with those who never fell behind.
  mute.ack();
  const last = await server.append({ ch: "visits", items: [{ page: "last" }] });
  await eventually(() => expect([good, mute].map(({ frames }) => frames.at(-1)!.to)).toEqual([last, last]));
});

it("[H3] takes no memory for clients that stop reading, and they are complete when they read again", async () => {
  const cursor = await server.append({ ch: "visits", items: [{ page: "first" }] });
  const stopped = await Promise.all(Array.from({ length: 5 }, () => connect(cursor)));
  for (const socket of stopped) {
    acknowledge(socket);
    socket.ws.pause();
  }
  const good = await connect(cursor);
  acknowledge(good);
  await flood();
  const head = server.runtime.hub.cursor;
  await eventually(() => expect(good.frames.at(-1)!.to).toBe(head));
  for (const { serverEnd } of stopped) {
    expect(serverEnd.bytesWritten).toBeLessThan(MAX_UNACKED_BYTES + SLACK);
    expect(serverEnd.writableLength).toBeLessThan(MAX_UNACKED_BYTES + SLACK);
  }
  for (const socket of stopped) socket.ws.resume();
  for (const socket of stopped) {
    await eventually(() => expect(socket.frames.at(-1)!.to).toBe(head));
    await expectComplete(socket.frames, cursor);
  }
});

it("[H3] is not deceived by a client that acknowledges what it does not read", async () => {
  const cursor = await server.append({ ch: "visits", items: [{ page: "first" }] });
  const liar = await connect(cursor);
  liar.ws.pause();
  const end = liar.serverEnd;
  const lying = setInterval(() => liar.ack(`${cursor.split(".")[0]}.9999999999999-0`), 2);
  // Past what the kernel takes for it.
  for (let i = 0; i < 4; i++) await flood();
  clearInterval(lying);
  expect(end.writableLength).toBeLessThan(MAX_UNACKED_BYTES + SLACK);
});

it("[H3] is not deceived by a client that subscribes again instead of acknowledging", async () => {
  const cursor = await server.append({ ch: "visits", items: [{ page: "first" }] });
  const again = await connect(cursor);
  await flood();
  await sleep(30);
  const before = again.bytes;
  for (let sub = 0; sub < 100; sub++) again.emit("subscribe", { channels: ["visits"], cursor, sub });
  await sleep(100);
  expect(again.bytes - before).toBeLessThan(SLACK);
  // The last one is answered when there is room.
  again.ack();
  await eventually(() => expect(again.frames.at(-1)!.sub).toBe(99));
});

it("[H3] understands acknowledgements of a subscription that begins before what was sent of the last one", async () => {
  const cursor = await server.append({ ch: "visits", items: [{ page: "first" }] });
  await flood();
  const late = server.runtime.hub.cursor;
  for (let i = 0; i < 6; i++) await server.append({ ch: "visits", items: [{ page }] });
  // About 48 kB, less than what a client acknowledges by itself.
  const socket = await connect(late);
  await eventually(() => expect(socket.frames.at(-1)!.to).toBe(server.runtime.hub.cursor));
  socket.frames.length = 0;
  acknowledge(socket);
  socket.emit("subscribe", { channels: ["visits"], cursor, sub: 1 });
  await eventually(() => expect(socket.frames.at(-1)?.to).toBe(server.runtime.hub.cursor));
  await expectComplete(socket.frames, cursor);
});
