import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CodedError } from "@/lib/shared/codes";
import { BEAT_MS } from "@/lib/shared/protocol";
import { type LiveHub, SpyFanout, SpyReceiver, startHub } from "../support/live-hub";
import { idOf } from "../support/live-log";
import { eventually } from "../support/live-wait";

let live: LiveHub;
beforeEach(async () => {
  live = await startHub();
});
afterEach(() => live.close());

const update = { ch: "gauges", set: { a: 1 } };
const delayed = () => live.hub.delayedSince !== undefined;

/** Moves the clock on in steps; the head is confirmed through the engine after each of them. */
async function pass(ms: number, stepMs: number): Promise<void> {
  for (let left = ms; left > 0; left -= stepMs) {
    live.clock.ahead += stepMs;
    const { confirmed } = live.log;
    await vi.waitUntil(() => live.log.confirmed > confirmed, { timeout: 5000, interval: 5 });
  }
}

describe("a head that is confirmed", () => {
  it("[F4] does not make the log live while this node cannot read up to it", async () => {
    const receiver = new SpyReceiver();
    live.hub.attach(new SpyFanout(), receiver, "v", { channels: ["gauges"] });
    const before = live.hub.cursor;
    live.log.dropNotifications = true;
    live.log.failing.read = new CodedError("log_unavailable");
    const head = await live.append(update);
    const since = Date.now() + live.clock.ahead;
    await pass(BEAT_MS + 4000, 4000);
    expect(live.hub.cursor).toBe(before);
    expect(live.hub.delayedSince).toBeLessThanOrEqual(since + 1000);
    await eventually(() => expect(receiver.frames.at(-1)).toMatchObject({ log: {}, updates: [] }));

    live.log.failing.read = undefined;
    await eventually(() => expect(delayed()).toBe(false));
    expect(live.hub.cursor).toBe(head);
    await eventually(() => expect(receiver.frames.at(-1)).not.toHaveProperty("log"));
    expect(receiver.updates).toMatchObject([{ set: { a: 1 } }]);
  });

  it("[F4] makes it live once it is reached, however far the log has gone on by then", async () => {
    // Nothing is notified and each reading takes its time, so that this node is behind whenever it asks.
    live.log.dropNotifications = true;
    live.log.holdReads = () => sleep(50);
    const confirm = vi.spyOn(live.log, "confirm");
    let ahead = 0;
    confirm.mockImplementation(async () => {
      // The engine's head is past what this node has, and will be again when that has been read.
      const head = idOf(await live.append(update));
      live.log.confirmed += 1;
      if (idOf(live.hub.cursor) !== head) ahead += 1;
      return head;
    });
    let flowing = true;
    const flow = (async () => {
      while (flowing) {
        await live.append(update);
        await sleep(5);
      }
    })();
    let wasDelayed = 0;
    for (let step = 0; step < 6; step++) {
      await pass(4000, 4000);
      if (delayed()) wasDelayed += 1;
    }
    flowing = false;
    await flow;
    expect(ahead).toBeGreaterThan(4);
    expect(wasDelayed).toBe(0);
  });
});

describe("a hub that closes", () => {
  it("[H5] reports a checkpoint that cannot be saved, and is closed all the same", async () => {
    vi.spyOn(live.log, "saveCheckpoint").mockRejectedValueOnce(new CodedError("storage_full"));
    const cursor = await live.append(update);
    await live.restart();
    expect(live.reports).toMatchObject([{ code: "storage_full" }]);
    // It was no more than a shortcut: the next start replays the log.
    expect(live.hub.cursor).toBe(cursor);
    expect(live.hub.state("gauges")).toMatchObject({ values: { a: 1 } });
  });
});
