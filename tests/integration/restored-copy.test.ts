import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { NOTHING_READ, type Reading, receive, resubscribe, subscription } from "@/lib/client/frame-reducer";
import { Hub } from "@/lib/server/hub/hub";
import { createSqliteLog } from "@/lib/server/log/sqlite-log";
import type { Frame, Subscribe } from "@/lib/shared/protocol";
import { testChannels } from "../support/live-channels";
import { SpyFanout, SpyReceiver } from "../support/live-hub";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "nowboard-restored-"));
});
afterAll(() => rm(root, { recursive: true }));

/** Runs a server on the data folder for as long as `use` takes. */
async function whileOpen<T>(use: (hub: Hub, set: (a: number) => Promise<unknown>) => Promise<T>): Promise<T> {
  const log = createSqliteLog({ folder: join(root, "data") });
  const hub = new Hub({ log, channels: testChannels, report: () => {} });
  await hub.open();
  try {
    return await use(hub, (a) => log.append({ updates: [{ ch: "gauges", set: { a } }] }));
  } finally {
    await hub.close();
    await log.close();
  }
}

/** Reads on as a client does, over a request or a stream; what it then shows, and how it got there. */
async function readOn(hub: Hub, reading: Reading, isHeld: boolean) {
  const request = subscription(reading);
  const frame = isHeld ? await firstFrame(hub, request) : await hub.read("ada", request);
  const received = receive(reading, frame, request.cursor);
  if (received.outcome !== "applied") throw new Error(`the answer was ${received.outcome}`);
  return received;
}

/** It may take a moment: the node asks its log whether that is as far as the cursor. */
async function firstFrame(hub: Hub, request: Subscribe): Promise<Frame> {
  const receiver = new SpyReceiver();
  const attachment = hub.attach(new SpyFanout(), receiver, "ada", request);
  const frame = await vi.waitUntil(() => receiver.frames[0], { timeout: 10_000, interval: 2 });
  attachment.close();
  return frame;
}

it.each([true, false])(
  "[L4] a client finds out that the data folder was put back from a copy (held: %s)",
  async (isHeld) => {
    const data = join(root, "data");
    const copy = join(root, "copy");
    for (const folder of [data, copy]) await rm(folder, { recursive: true, force: true });
    await whileOpen((_hub, set) => set(1));
    await cp(data, copy, { recursive: true });
    const start = resubscribe(NOTHING_READ, ["gauges"]);
    const before = await whileOpen(async (hub, set) => {
      await set(2);
      return readOn(hub, start, isHeld);
    });
    await rm(data, { recursive: true });
    await cp(copy, data, { recursive: true });

    await whileOpen(async (hub, set) => {
      const after = await readOn(hub, before.reading, isHeld);
      expect(after.reading.epoch).toBe(before.reading.epoch);
      expect(after).toMatchObject({ newLog: true, whole: true, snapshot: { gauges: { values: { a: 1 } } } });
      await set(3);
      const next = await readOn(hub, after.reading, isHeld);
      expect(next).toMatchObject({ newLog: false, whole: false, updates: [{ set: { a: 3 } }] });
    });
  },
);
