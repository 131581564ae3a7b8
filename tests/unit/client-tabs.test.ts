import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { RUNGS } from "@/lib/client/ladder-state";
import { Leader } from "@/lib/client/tabs/leader";
import type { TabMessage } from "@/lib/client/tabs/tab-messages";
import { MAX_CHANNELS } from "@/lib/client/tabs/unite";
import type { Frame } from "@/lib/shared/protocol";
import { MAX_CHANNELS as LIMIT } from "@/lib/shared/protocol";
import type { FeedState } from "@/lib/shared/state";
import { FakeBrowser } from "../support/fake-browser";
import { FakeLiveServer } from "../support/fake-live-server";
import { FakeRungs } from "../support/fake-rungs";
import { type FakeTab, FakeTabs } from "../support/fake-tabs";

const NAMES = ["cpu", "disk", "feed-orders", "table-regions"];
const PAGES = [
  ["cpu", "feed-orders"],
  ["disk", "feed-orders"],
  ["cpu", "table-regions", "feed-orders"],
];

const emptyRecord = { kind: "record" as const, asOf: null, values: {}, ts: {} };

function setUp() {
  const world = new FakeBrowser();
  const server = new FakeLiveServer(world, NAMES);
  const browser = new FakeTabs(world);
  const leaves = new Map<FakeTab, () => void>();
  const show = (tab: FakeTab, page: readonly string[]) => {
    tab.client.seed(server.page(page));
    leaves.get(tab)?.();
    leaves.set(tab, tab.client.watch(page));
  };
  const open = (page: readonly string[] = PAGES[0]!) => {
    const tab = browser.open();
    show(tab, page);
    tab.client.start();
    return tab;
  };
  const statuses = () => browser.tabs.map(({ client }) => client.connection().status);
  return { world, server, browser, open, show, statuses };
}

let it_: ReturnType<typeof setUp>;
beforeEach(() => {
  it_ = setUp();
});

describe("the tabs of a browser", () => {
  it("[C5] are all live over one connection, each with what it shows", async () => {
    const { world, server, browser, open, statuses } = it_;
    for (const page of PAGES) {
      open(page);
      await world.advance(100);
    }
    expect(statuses()).toEqual(["live", "live", "live"]);
    expect(server.rungs).toEqual(["socket"]);
    server.publish("disk", { set: { x: 1 } });
    server.publish("table-regions", { rows: { a: { k: "a" } } });
    await world.advance(100);
    expect(browser.tabs[1]!.client.channel("disk")).toEqual(server.state("disk"));
    expect(browser.tabs[2]!.client.channel("table-regions")).toEqual(server.state("table-regions"));
    expect(browser.tabs[0]!.client.channel("disk")).toBeUndefined();
    expect(browser.tabs.flatMap(({ client }) => client.ledger())).toEqual([]);
  });

  it("[C5] a tab by itself asks as if there were no others, so that viewers still share their frames", async () => {
    const { world, server, browser, open } = it_;
    const tab = open();
    await world.advance(100);
    expect(server.asked.map(({ request }) => request.sub)).toEqual([tab.client.diagnostics().reading.sub]);
    expect(browser.leads).toBe(tab);
  });

  it("[C5] a visible tab leads: one that is hidden lets go, and nobody notices", async () => {
    const { world, server, browser, open, statuses } = it_;
    const [first, second] = [open(), open(PAGES[1])];
    await world.advance(100);
    expect(browser.leads).toBe(first);
    await first.fire("hidden");
    await world.advance(100);
    expect(browser.leads).toBe(second);
    expect(server.rungs).toEqual(["socket"]);
    server.publish("cpu", { set: { x: 7 } });
    await world.advance(100);
    // A hidden page has no animation frames, and commits what it has read within a second.
    await world.advance(1000);
    expect(first.client.channel("cpu")).toEqual(server.state("cpu"));
    expect(statuses()).toEqual(["live", "live"]);
    expect([...first.client.ledger(), ...second.client.ledger()]).toEqual([]);
  });

  it("[C5] a hidden one leads while none is visible, and hands over to the next that is", async () => {
    const { world, server, browser, open } = it_;
    const [first, second] = [open(), open()];
    await world.advance(100);
    await second.fire("hidden");
    await first.fire("hidden");
    await world.advance(100);
    expect(browser.leads).toBe(first);
    const { length } = server.asked;
    await second.fire("visible");
    await world.advance(100);
    expect(browser.leads).toBe(second);
    expect(server.asked.length).toBeGreaterThan(length);
    expect(server.rungs).toEqual(["socket"]);
  });

  it.each(["crash", "freeze", "pagehide"] as const)(
    "[C5] when the one that leads goes (%s), the others go on without a gap",
    async (how) => {
      const { world, server, open } = it_;
      const [first, second, third] = [open(), open(PAGES[1]), open(PAGES[2])];
      await world.advance(100);
      server.publish("feed-orders", { items: [{ n: 1 }] });
      if (how === "crash") first.crash();
      else await first.fire(how);
      server.publish("feed-orders", { items: [{ n: 2 }] });
      await world.advance(200);
      for (const { client } of [second, third]) {
        expect(client.channel("feed-orders")).toEqual(server.state("feed-orders"));
        expect(client.connection().status).toBe("live");
        expect(client.ledger()).toEqual([]);
      }
      expect(server.rungs).toEqual(["socket"]);
    },
  );

  it("[C5] when the one that leads is left, hidden ones go on within seconds too", async () => {
    const { world, server, open } = it_;
    const [first, second] = [open(), open()];
    await world.advance(100);
    await second.fire("hidden");
    await first.fire("pagehide");
    await world.advance(1500);
    expect(server.rungs).toEqual(["socket"]);
    expect(second.client.connection().status).toBe("live");
    expect(second.client.ledger()).toEqual([]);
  });

  it("[C5] hidden ones do not wait before visible ones for their turn to lead", async () => {
    const { world, browser, open } = it_;
    const [first, second] = [open(), open()];
    await world.advance(100);
    await first.fire("hidden");
    await world.advance(100);
    const third = open();
    await world.advance(100);
    second.crash();
    await world.advance(100);
    expect(browser.leads).toBe(third);
  });

  it("[C5][F3] one that joins is read for from where the others are, not from where they began", async () => {
    const { world, server, open } = it_;
    open();
    await world.advance(100);
    const newest = [1, 2, 3].map((x) => server.publish("cpu", { set: { x } })).at(-1)!;
    await world.advance(100);
    open(PAGES[1]);
    await world.advance(100);
    expect(server.asked.at(-1)!.request.cursor).toBe(`${server.epoch}.${newest.id}`);
  });

  it("[C5] one that is gone is no longer read for", async () => {
    const { world, server, open } = it_;
    const [, second] = [open(), open(PAGES[2])];
    await world.advance(100);
    expect([...server.streams][0]!.sub.channels).toContain("table-regions");
    second.crash();
    await world.advance(100);
    expect([...server.streams][0]!.sub.channels).toEqual(["cpu", "feed-orders"]);
  });

  it("[C5] one that has nothing of this log begins with a snapshot, and the others read on", async () => {
    const { world, server, browser, open } = it_;
    open();
    await world.advance(100);
    const tab = browser.open();
    tab.client.watch(["cpu", "disk"]);
    tab.client.start();
    await world.advance(100);
    expect(tab.client.connection().status).toBe("live");
    expect(tab.client.channel("disk")).toEqual(server.state("disk"));
    expect(server.rungs).toEqual(["socket"]);
  });

  it("[C5] a tab whose leader does not answer has a connection of its own, until one does", async () => {
    const { world, server, browser, open } = it_;
    const first = open();
    await world.advance(100);
    // Its process hangs: it holds its lock and answers nobody.
    first.isFrozen = true;
    const second = open(PAGES[1]);
    await world.advance(1500);
    expect(second.client.connection().status).toBe("live");
    expect(server.rungs).toEqual(["socket", "socket"]);
    first.crash();
    await world.advance(100);
    expect(browser.leads).toBe(second);
    expect(second.client.connection().status).toBe("live");
  });

  it("[C5] a leader that was only slow has all of them again", async () => {
    const { world, server, statuses, open } = it_;
    const first = open();
    await world.advance(100);
    const goOn = first.stall();
    const second = open(PAGES[1]);
    await world.advance(3000);
    expect(second.client.connection().status).toBe("live");
    expect(server.rungs).toEqual(["socket", "socket"]);
    goOn();
    await world.advance(200);
    expect(server.rungs).toEqual(["socket"]);
    server.publish("disk", { set: { x: 4 } });
    await world.advance(100);
    expect(second.client.channel("disk")).toEqual(server.state("disk"));
    expect(statuses()).toEqual(["live", "live"]);
    expect(second.client.ledger()).toEqual([]);
  });

  it("[C5][C3] one that comes back from the back/forward cache joins the others again", async () => {
    const { world, server, browser, open } = it_;
    const [first, second] = [open(), open()];
    await world.advance(100);
    await first.fire("pagehide");
    await world.advance(1000);
    server.publish("cpu", { set: { x: 3 } });
    await world.advance(60_000);
    await first.fire("pageshow");
    await world.advance(200);
    expect(first.client.connection().status).toBe("live");
    expect(first.client.channel("cpu")).toEqual(server.state("cpu"));
    expect(browser.leads).toBe(second);
    expect(server.rungs).toEqual(["socket"]);
  });
});

describe("the tab that leads", () => {
  function lead() {
    const world = new FakeBrowser();
    const rungs = new FakeRungs(world);
    const sent: TabMessage[] = [];
    const leader = new Leader({
      transports: world.transports,
      link: { id: "a", watch: () => () => {} },
      send: (message) => void sent.push(message),
      page: () => "/",
    });
    const join = (tab: string, channels: string[], cursor = "log.5-0") =>
      leader.join("socket", tab, {
        n: 1,
        subscribe: { channels, cursor, sub: channels.length },
        pollMs: 5000,
      });
    const asked = () => rungs.last("socket").asked.at(-1)!;
    const answer = (frame: Partial<Frame>) =>
      rungs
        .last("socket")
        .link.frame({ from: "log.5-0", to: "log.9-0", updates: [], sub: asked().sub, ...frame });
    const to = () => sent.flatMap((message) => (message.kind === "frame" ? [Object.keys(message.to)] : []));
    return { rungs, sent, leader, join, asked, answer, to };
  }

  it("[C5][F3] hands on nothing that answers a subscription from before somebody joined", () => {
    const { join, asked, answer, to } = lead();
    join("a", ["cpu"]);
    const { sub } = asked();
    join("b", ["disk"]);
    answer({ sub });
    expect(to()).toEqual([]);
    answer({});
    expect(to()).toEqual([["a", "b"]]);
    const { sub: second } = asked();
    // Neither when the channels stay the same.
    join("c", ["cpu", "disk"]);
    answer({ sub: second });
    expect(to()).toHaveLength(1);
  });

  it("[C5][L5] asks for the log that most have read, and the others wait for their snapshot", () => {
    const { join, asked, answer, to } = lead();
    join("a", ["cpu"]);
    join("b", ["cpu"]);
    join("c", ["disk"], "older.7-0");
    expect(asked()).toMatchObject({ cursor: "log.5-0", fresh: ["disk"], channels: ["cpu", "disk"] });
    answer({});
    answer({ from: "log.9-0", to: "log.10-0", snapshot: { disk: emptyRecord } });
    answer({ from: "log.10-0", to: "log.11-0" });
    expect(to()).toEqual([
      ["a", "b"],
      ["a", "b", "c"],
      ["a", "b", "c"],
    ]);
  });

  it("[C5][H4] takes in no tab with which there would be too many channels for one subscription", () => {
    expect(MAX_CHANNELS).toBe(LIMIT);
    const { leader, join, asked } = lead();
    const many = (from: number, count: number) => Array.from({ length: count }, (_, i) => `c${from + i}`);
    expect(join("a", many(0, 40))).toBe(true);
    expect(join("b", many(30, 34))).toBe(true);
    expect(join("c", many(0, 65))).toBe(false);
    expect(asked().channels).toHaveLength(64);
    // One that was in leaves when it wants too many.
    expect(join("b", many(30, 40))).toBe(false);
    expect(asked().channels).toHaveLength(40);
    leader.close();
  });

  it("[C5] closes what nobody reads any more", () => {
    const { rungs, leader, join } = lead();
    join("a", ["cpu"]);
    join("b", ["cpu"]);
    leader.leave("socket", "a", 1);
    // Of an opening that is over nothing is taken back.
    leader.leave("socket", "b", 0);
    expect(rungs.open).toEqual(["socket"]);
    leader.leave("socket", "b", 1);
    expect(rungs.open).toEqual([]);
  });
});

const happening = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("publish" as const), channel: fc.constantFrom(...NAMES) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 40_000 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 60 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { kind: "lose" as const },
      { kind: "break" as const },
      { kind: "new-log" as const },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("behave" as const),
      rung: fc.constantFrom(...RUNGS),
      as: fc.constantFrom("works", "mute", "refuses", "overloaded", "flaky", "portal" as const),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("tab" as const),
      tab: fc.nat(3),
      event: fc.constantFrom("hidden", "visible", "freeze", "resume", "pagehide", "pageshow" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("crash" as const), tab: fc.nat(3) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("open" as const), page: fc.constantFrom(...PAGES) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("navigate" as const),
      tab: fc.nat(3),
      page: fc.constantFrom(...PAGES),
    }),
  },
);

type Happening = typeof happening extends fc.Arbitrary<infer One> ? One : never;

/** What has gone wrong once. */
const FOUND: Happening[][] = [
  // The word of the tab that led came after the turn of the one that leads.
  [
    { kind: "wait", ms: 1 },
    { kind: "tab", tab: 0, event: "hidden" },
    { kind: "crash", tab: 1 },
    { kind: "open", page: PAGES[0]! },
    { kind: "open", page: PAGES[0]! },
    { kind: "wait", ms: 1 },
  ],
  // The tab that leads asked anew while it handed a frame on.
  [{ kind: "wait", ms: 23 }, { kind: "behave", rung: "socket", as: "mute" }, { kind: "new-log" }],
  // The last word of a tab came after it was known to be gone.
  [
    { kind: "behave", rung: "socket", as: "portal" },
    { kind: "wait", ms: 24 },
    { kind: "navigate", tab: 3, page: PAGES[0]! },
    { kind: "crash", tab: 3 },
  ],
];

it("[C5][F3] whatever happens to tabs, network and log: in the end each has all, once, over one connection", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 40 }), async (happenings) => {
      const { world, server, browser, open, show, statuses } = setUp();
      const shown = new Map<FakeTab, readonly string[]>();
      const add = (page: readonly string[]) => {
        if (browser.tabs.length < 4) shown.set(open(page), page);
      };
      add(PAGES[0]!);
      add(PAGES[1]!);
      let count = 0;
      for (const one of happenings) {
        world.randomValue = (world.randomValue * 7919 + 0.31) % 1;
        const tab = "tab" in one ? browser.tabs[one.tab % browser.tabs.length] : undefined;
        if (one.kind === "publish") {
          count += 1;
          if (one.channel.startsWith("feed")) server.publish(one.channel, { items: [{ n: count }] });
          else if (one.channel.startsWith("table"))
            server.publish(one.channel, {
              rows: { [`row ${count % 3}`]: count % 4 === 0 ? null : { k: String(count) } },
            });
          else server.publish(one.channel, { set: { x: count } });
        } else if (one.kind === "wait") await world.advance(one.ms);
        else if (one.kind === "lose") server.loseNextFrame();
        else if (one.kind === "break") server.breakAll();
        else if (one.kind === "new-log") server.flushAll(`log${++count}`);
        else if (one.kind === "behave") server.behaviour[one.rung] = one.as;
        else if (one.kind === "open") add(one.page);
        else if (one.kind === "tab") await tab!.fire(one.event);
        else if (one.kind === "crash" && browser.tabs.length > 1) {
          tab!.crash();
        } else if (one.kind === "navigate") {
          shown.set(tab!, one.page);
          show(tab!, one.page);
        }
      }
      for (const rung of RUNGS) server.behaviour[rung] = "works";
      for (const tab of browser.tabs)
        for (const event of ["resume", "pageshow", "visible"] as const) await tab.fire(event);
      await world.advance(400_000);
      expect(statuses()).toEqual(browser.tabs.map(() => "live"));
      expect(server.rungs).toEqual(["socket"]);
      for (const tab of browser.tabs) {
        for (const channel of shown.get(tab)!)
          expect(tab.client.channel(channel), channel).toEqual(server.state(channel));
        const { items } = tab.client.channel("feed-orders") as FeedState;
        expect(new Set(items.map(({ key }) => key)).size).toBe(items.length);
        expect(tab.client.ledger().every(({ to, healed }) => to !== undefined && healed !== undefined)).toBe(
          true,
        );
      }
    }),
    { numRuns: 100, examples: FOUND.map((happenings) => [happenings]) },
  );
}, 120_000);
