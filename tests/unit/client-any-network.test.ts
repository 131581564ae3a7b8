import fc from "fast-check";
import { expect, it } from "vitest";
import { RUNGS } from "@/lib/client/ladder-state";
import { createLiveClient } from "@/lib/client/live-client";
import type { Change, FeedState } from "@/lib/shared/state";
import { FakeBrowser } from "../support/fake-browser";
import { FakeLiveServer } from "../support/fake-live-server";

const NAMES = ["cpu", "disk", "feed-orders", "table-regions"];
const PAGES = [
  ["cpu", "feed-orders"],
  ["disk", "feed-orders"],
  ["cpu", "table-regions", "feed-orders"],
] as const;

const happening = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("publish" as const), channel: fc.constantFrom(...NAMES) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 40_000 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "lose" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "break" as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("behave" as const),
      rung: fc.constantFrom(...RUNGS),
      as: fc.constantFrom("works", "mute", "refuses", "overloaded", "flaky", "portal" as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("page" as const),
      event: fc.constantFrom("offline", "online", "hidden", "visible", "freeze", "resume" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("sleep" as const), goesOn: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("navigate" as const), to: fc.constantFrom(...PAGES) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "new-log" as const }) },
);

it("[F3] whatever the network, the browser and the viewer do: in the end all is there, and nothing twice", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 40 }), async (happenings) => {
      const browser = new FakeBrowser();
      const server = new FakeLiveServer(browser, NAMES);
      const client = createLiveClient(browser);
      let page: readonly string[] = PAGES[0];
      client.seed(server.page(page));
      let leave = client.watch(page);
      client.start();
      let count = 0;
      let logs = 0;
      for (const one of happenings) {
        browser.randomValue = (browser.randomValue * 7919 + 0.31) % 1;
        if (one.kind === "publish") {
          count += 1;
          const change: Change = one.channel.startsWith("feed")
            ? { items: [{ n: count }] }
            : one.channel.startsWith("table")
              ? { rows: { [`row ${count % 3}`]: count % 4 === 0 ? null : { k: String(count) } } }
              : { set: count % 3 === 0 ? {} : { x: count } };
          server.publish(one.channel, change);
        } else if (one.kind === "wait") await browser.advance(one.ms);
        else if (one.kind === "lose") server.loseNextFrame();
        else if (one.kind === "break") server.breakAll();
        else if (one.kind === "behave") server.behaviour[one.rung] = one.as;
        else if (one.kind === "page") await browser.fire(one.event);
        else if (one.kind === "sleep") await browser.sleep(300_000, one.goesOn);
        else if (one.kind === "new-log") {
          logs += 1;
          server.flushAll(`log${logs}`);
        } else {
          page = one.to;
          client.seed(server.page(page));
          leave();
          leave = client.watch(page);
        }
        expect(server.rungs.length).toBeLessThanOrEqual(4);
      }
      for (const rung of RUNGS) server.behaviour[rung] = "works";
      for (const event of ["online", "visible", "resume"] as const) await browser.fire(event);
      await browser.advance(60_000);
      expect(client.connection().status).toBe("live");
      expect(server.rungs.length).toBe(1);
      for (const channel of page) expect(client.channel(channel), channel).toEqual(server.state(channel));
      const { items, count: total } = client.channel("feed-orders") as FeedState;
      expect(new Set(items.map(({ key }) => key)).size).toBe(items.length);
      expect(total).toBe((server.state("feed-orders") as FeedState).count);
      const xs = client.series("cpu", "x").map(([ts]) => ts);
      expect(xs).toEqual([...new Set(xs)].sort((a, b) => a - b));
      // What was open has been closed, and what was an interruption is over.
      expect(client.ledger().every(({ to, healed }) => to !== undefined && healed !== undefined)).toBe(true);
      client.stop();
      await browser.advance(2000);
      expect(browser.wakeUps).toBe(0);
    }),
    { numRuns: 150 },
  );
});
