import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import { sources } from "@/lib/channels/sources";
import type { Stream } from "@/lib/server/sources/stream";
import { defineChannel } from "@/lib/shared/define-channel";
import type { FeedState } from "@/lib/shared/state";
import { startLiveServer } from "../support/live-server";
import { startRedis } from "../support/redis-server";
import { message } from "../support/scripted-stream";

const TOTAL = 3000;
const PATIENCE = { timeout: 40_000, interval: 20 };

const numbered = defineChannel({
  kind: "feed",
  name: "numbered",
  title: "Numbered",
  cadence: 1000,
  maxAge: 60_000,
  keep: TOTAL * 2,
  filledBy: "source",
  fields: { n: { title: "N", type: "number" } },
});

it("[S1][L4] a log that went back in time gets again what it lost, whatever was on its way meanwhile", async () => {
  const redis = await startRedis({ args: ["--save", "3600 1000000"] });
  let allowed = 0;
  /** A broker that has all messages, and gives them from any offset. */
  const stream: Stream = {
    ...{ channel: numbered, kind: "Script", target: "a script" },
    async run({ ready, places, take, signal }) {
      let from = Number((await places(["t/0"]))["t/0"]?.split("-")[0] ?? 0);
      ready();
      while (!signal.aborted) {
        if (from >= allowed) {
          await sleep(5, undefined, { signal });
          continue;
        }
        await take([message({ n: from })], { of: "t/0", after: `${from}-0`, to: `${from + 1}-0` });
        from += 1;
      }
    },
  };
  const server = await startLiveServer({
    ...{ redisUrl: redis.url, channels: [numbered, sources], sources: [stream] },
  });
  const numbers = () => (server.runtime.hub.state("numbered") as FeedState).items.map(({ item }) => item.n);
  try {
    allowed = 50;
    await vi.waitUntil(() => numbers().length === 50, PATIENCE);
    await redis.command("SAVE");
    allowed = TOTAL;
    await vi.waitUntil(() => numbers().length > 300, PATIENCE);
    await redis.kill9();
    // Its append waits for Redis now.
    await redis.start();
    await vi.waitUntil(() => numbers().length >= TOTAL, PATIENCE).catch(() => {});
    expect(numbers()).toEqual(Array.from({ length: TOTAL }, (_, n) => n));
  } finally {
    await server.close();
    await redis.close();
  }
}, 120_000);
