import { beforeEach, describe, expect, it } from "vitest";
import type { Choice } from "@/lib/client/ladder-state";
import { createLiveClient, type LiveClient } from "@/lib/client/live-client";
import type { FeedState, RecordState } from "@/lib/shared/state";
import { FakeBrowser } from "../support/fake-browser";
import { FakeLiveServer } from "../support/fake-live-server";

const HOUR = 3_600_000;
const NAMES = ["cpu", "disk", "feed-orders", "table-regions"];

let browser: FakeBrowser;
let server: FakeLiveServer;
let client: LiveClient;

beforeEach(() => {
  browser = new FakeBrowser();
  server = new FakeLiveServer(browser, NAMES);
  client = createLiveClient(browser);
  server.publish("cpu", { set: { x: 0, y: 0 } });
});

const x = (channel = "cpu") => (client.channel(channel) as RecordState | undefined)?.values.x;
const orders = () => (client.channel("feed-orders") as FeedState).items.map(({ item }) => item.n);
const status = () => client.connection().status;
const lastGap = () => client.ledger().at(-1);

/** Opens a page as the browser does: seeded in the render, watched and started in effects. */
async function openPage(channels = ["cpu"], transport?: Choice, cadence?: number): Promise<() => void> {
  client.seed(server.page(channels));
  const leave = client.watch(channels, transport, cadence);
  client.start();
  await browser.advance(100);
  return leave;
}

/** Publishes once a second for so long; the server's and the client's state must then agree. */
async function publishFor(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 1000) {
    server.publish("cpu", { set: { x: left } });
    server.publish("feed-orders", { items: [{ n: left }] });
    await browser.advance(1000);
  }
}

describe("a page", () => {
  it("[R2] shows its snapshot before anything is open, and reads on from its cursor", async () => {
    const page = server.page(["cpu"]);
    server.publish("cpu", { set: { x: 1 } });
    client.seed(page);
    expect(x()).toBe(0);
    expect(server.opened).toEqual([]);
    client.watch(["cpu"]);
    client.start();
    await browser.advance(100);
    expect(server.asked[0]?.request).toMatchObject({ channels: ["cpu"], cursor: page.frame.to });
    expect(x()).toBe(1);
    expect(client.connection()).toMatchObject({ status: "live", transport: "socket", attempt: 0 });
    expect(client.series("cpu", "x").map(([, value]) => value)).toEqual([1]);
  });

  it("[C1] opens nothing before somebody watches", async () => {
    client.start();
    await browser.advance(60_000);
    expect(server.opened).toEqual([]);
    expect(browser.wakeUps).toBe(0);
  });

  it("[F3] a soft navigation adds the new page's channels without dropping to nothing in between", async () => {
    const leave = await openPage(["cpu"]);
    leave();
    await browser.advance(500);
    client.seed(server.page(["disk", "feed-orders"]));
    client.watch(["disk", "feed-orders"]);
    server.publish("feed-orders", { items: [{ n: 1 }] });
    await browser.advance(5000);
    expect(server.opened).toEqual(["socket"]);
    expect(server.asked.map(({ request }) => request.channels)).toEqual([["cpu"], ["disk", "feed-orders"]]);
    expect(orders()).toEqual([1]);
    expect(status()).toBe("live");
    expect(client.ledger()).toEqual([]);
  });

  it("[F3] a kept layout and a page make one subscription, from the lowest cursor", async () => {
    await openPage(["feed-orders"]);
    const low = server.page(["feed-orders"]).frame.to;
    await browser.advance(100);
    server.publish("cpu", { set: { x: 5 } });
    client.seed(server.page(["cpu"]));
    client.watch(["cpu", "disk"]);
    await browser.advance(100);
    expect(server.asked.at(-1)?.request).toMatchObject({
      channels: ["cpu", "disk", "feed-orders"],
      cursor: low,
      fresh: ["disk"],
    });
    expect(client.channel("disk")).toBeDefined();
  });

  it("[C1] closes the connection when the last page is left, and goes on when one comes", async () => {
    const leave = await openPage();
    leave();
    await browser.advance(2000);
    expect(server.streams.size).toBe(0);
    expect(browser.wakeUps).toBe(0);
    server.publish("cpu", { set: { x: 2 } });
    client.watch(["cpu"]);
    await browser.advance(100);
    expect(x()).toBe(2);
    expect(client.ledger()).toEqual([]);
  });

  it("[C1] a page that fixes polling never opens a socket, and polls at its cadence", async () => {
    await openPage(["cpu"], "poll", 20_000);
    await browser.advance(61_000);
    expect(server.opened).toEqual(["poll"]);
    server.publish("cpu", { set: { x: 3 } });
    await browser.advance(20_000);
    expect(x()).toBe(3);
    expect(client.connection()).toMatchObject({ status: "live", transport: "poll" });
    expect(browser.remembered).toEqual({});
  });

  it("[C1] a viewer's choice goes before the page's, moves without a gap, and is kept for the next visit", async () => {
    await openPage(["cpu"], "sse");
    await browser.advance(1000);
    client.prefer("poll");
    await browser.advance(1000);
    server.publish("cpu", { set: { x: 3 } });
    await browser.advance(6000);
    expect(client.connection()).toMatchObject({ status: "live", transport: "poll" });
    expect(x()).toBe(3);
    expect(client.ledger()).toEqual([]);
    expect(browser.remembered).toEqual({ choice: "poll" });
    expect(createLiveClient(browser).preference()).toBe("poll");
    client.prefer("auto");
    await browser.advance(20_000);
    expect(client.connection()).toMatchObject({ status: "live", transport: "sse" });
    expect(browser.remembered).toEqual({ choice: null });
  });

  it("[C1] React's strict mode (start, stop, start) opens one connection", async () => {
    client.seed(server.page(["cpu"]));
    const unwatch = client.watch(["cpu"]);
    client.start();
    unwatch();
    client.stop();
    client.watch(["cpu"]);
    client.start();
    await browser.advance(5000);
    expect(server.opened).toEqual(["socket"]);
    client.stop();
    await browser.advance(5000);
    expect(server.streams.size).toBe(0);
    expect(browser.wakeUps).toBe(0);
  });

  it("[R3] an older page never overwrites newer state, a newer one moves it on", async () => {
    await openPage(["cpu"]);
    const old = server.page(["cpu"]);
    server.publish("cpu", { set: { x: 7 } });
    await browser.advance(100);
    client.seed(old);
    await browser.advance(100);
    expect(x()).toBe(7);
    server.publish("cpu", { set: { x: 8 } });
    client.seed(server.page(["cpu"]));
    expect(x()).toBe(8);
    await browser.advance(11_000);
    expect(status()).toBe("live");
    expect(server.asked.length).toBe(1);
  });

  it("[L5] a page of a log that was left changes nothing, and one of a newer log is gone over to", async () => {
    await openPage(["cpu"]);
    const old = server.page(["cpu"]);
    old.frame.now += HOUR;
    server.flushAll("bbbb");
    server.publish("cpu", { set: { x: 1 } });
    await browser.advance(100);
    client.seed(old);
    await browser.advance(100);
    expect(x()).toBe(1);
    expect(client.diagnostics().reading).toMatchObject({ epoch: "bbbb", left: ["aaaa"] });
    server.streams.clear();
    server.flushAll("cccc");
    server.publish("cpu", { set: { x: 2 } });
    client.seed(server.page(["cpu"]));
    await browser.advance(100);
    expect(x()).toBe(2);
    expect(client.diagnostics().reading).toMatchObject({ epoch: "cccc", left: ["aaaa", "bbbb"] });
  });
});

describe("frames", () => {
  it("[F3] a lost frame is noticed and read again from the cursor", async () => {
    await openPage(["feed-orders"]);
    server.publish("feed-orders", { items: [{ n: 1 }] });
    server.loseNextFrame();
    server.publish("feed-orders", { items: [{ n: 2 }] });
    server.publish("feed-orders", { items: [{ n: 3 }] });
    await browser.advance(200);
    expect(orders()).toEqual([1, 2, 3]);
    expect(status()).toBe("live");
    expect(lastGap()).toMatchObject({ why: "lost-frame", healed: "replay", missed: 2 });
    expect(server.opened).toEqual(["socket"]);
  });

  it("[F4] a lost frame on a quiet channel is noticed by the next beat", async () => {
    await openPage(["feed-orders"]);
    server.loseNextFrame();
    server.publish("feed-orders", { items: [{ n: 2 }] });
    await browser.advance(5000);
    expect(orders()).toEqual([]);
    await browser.advance(6000);
    expect(orders()).toEqual([2]);
  });

  it("[L5] a new log's snapshot replaces everything, and is in the ledger", async () => {
    await openPage(["cpu", "feed-orders"]);
    server.publish("feed-orders", { items: [{ n: 1 }] });
    await browser.advance(100);
    server.flushAll("bbbb");
    await browser.advance(100);
    expect(orders()).toEqual([]);
    expect(client.series("cpu", "x")).toEqual([]);
    expect(lastGap()).toMatchObject({ why: "new-log", healed: "snapshot", missed: 0 });
    server.publish("feed-orders", { items: [{ n: 2 }] });
    await browser.advance(100);
    expect(orders()).toEqual([2]);
    expect(status()).toBe("live");
  });

  it("[L5] a server that still answers from the log that was left is not listened to", async () => {
    await openPage(["cpu"]);
    server.flushAll("bbbb");
    await browser.advance(100);
    server.flushAll("aaaa");
    server.publish("cpu", { set: { x: 666 } });
    await browser.advance(20_000);
    expect(x()).not.toBe(666);
    expect(client.connection()).toMatchObject({ status: "reconnecting" });
    expect(client.connection().lastError).toContain("replaced");
  });

  it("[F4] says delayed when the log could not be confirmed, and since when", async () => {
    await openPage();
    server.delayedSince = server.now - 3000;
    await browser.advance(11_000);
    expect(client.connection()).toMatchObject({ status: "delayed", since: server.delayedSince });
    server.delayedSince = undefined;
    await browser.advance(10_000);
    expect(status()).toBe("live");
    expect(lastGap()).toMatchObject({ why: "log-delayed" });
  });

  it("[C7] knows the server's now, whatever this browser's clock says", async () => {
    server.skew = -HOUR;
    client = createLiveClient(browser);
    client.seed(server.page(["cpu"]));
    expect(client.serverNow()).toBeUndefined();
    await openPage();
    expect(Math.abs(client.serverNow()! - server.now)).toBeLessThan(50);
    expect(Math.abs(client.connection().since! - server.now)).toBeLessThan(200);
  });
});

describe("breaks", () => {
  it("[C1] reads on after the connection broke: no update missing, none twice", async () => {
    await openPage(["cpu", "feed-orders"]);
    await browser.advance(15_000);
    server.breakAll();
    expect(status()).toBe("reconnecting");
    server.publish("feed-orders", { items: [{ n: 1 }] });
    server.publish("feed-orders", { items: [{ n: 2 }] });
    await browser.advance(1000);
    expect(status()).toBe("live");
    expect(orders()).toEqual([1, 2]);
    expect(lastGap()).toMatchObject({ why: "closed", transport: "socket", healed: "replay", missed: 2 });
  });

  it("[C8] healing by a snapshot is told from a replay", async () => {
    await openPage(["cpu", "feed-orders"]);
    await browser.advance(15_000);
    server.behaviour.socket = "refuses";
    server.behaviour.sse = server.behaviour["long-poll"] = server.behaviour.poll = "refuses";
    server.breakAll();
    await publishFor(5000);
    server.trim();
    server.behaviour.socket = "works";
    await browser.advance(30_000);
    expect(status()).toBe("live");
    expect(x()).toBe(1000);
    expect(lastGap()).toMatchObject({ healed: "snapshot" });
  });

  it("[C2] silence is shown as delayed within 15 s, and the connection is given up at 25 s", async () => {
    await openPage();
    server.behaviour.socket = "mute";
    await browser.advance(15_000);
    expect(status()).toBe("delayed");
    expect(lastGap()).toMatchObject({ why: "silence" });
    await browser.advance(10_000);
    expect(status()).toBe("reconnecting");
  });

  it("[C1] goes round a socket that is accepted and then mute within 3 s, and remembers it", async () => {
    server.behaviour.socket = "mute";
    await openPage();
    await browser.advance(1000);
    expect(client.connection()).toMatchObject({ status: "live", transport: "sse" });
    expect(browser.remembered).toEqual({ transport: "sse" });
    client.stop();
    server.opened.length = 0;
    client = createLiveClient(browser);
    await openPage();
    expect(server.opened).toEqual(["sse"]);
  });

  it("[C1] climbs back without a gap when the better rung works again", async () => {
    server.behaviour.socket = "refuses";
    await openPage(["cpu", "feed-orders"]);
    expect(client.connection().transport).toBe("sse");
    server.behaviour.socket = "works";
    await publishFor(20_000);
    expect(client.connection()).toMatchObject({ status: "live", transport: "socket" });
    expect(client.ledger()).toEqual([]);
    expect(server.rungs).toEqual(["socket"]);
    expect((client.channel("feed-orders") as FeedState).count).toBe(20);
  });

  it("[C1] falls to plain polling when held requests are cut, and keeps everything", async () => {
    server.behaviour.socket = server.behaviour.sse = "refuses";
    server.behaviour["long-poll"] = "flaky";
    await openPage(["cpu", "feed-orders"]);
    await publishFor(6000);
    expect(client.connection().transport).toBe("poll");
    // Probes go on; what they bring and break loses nothing either.
    await publishFor(60_000);
    server.behaviour["long-poll"] = "refuses";
    await browser.advance(20_000);
    expect(client.connection()).toMatchObject({ status: "live", transport: "poll" });
    expect((client.channel("feed-orders") as FeedState).count).toBe(66);
  });

  it("[C7] a captive portal is not taken for the server: offline, data kept, never given up", async () => {
    await openPage();
    for (const rung of ["socket", "sse", "long-poll", "poll"] as const) server.behaviour[rung] = "portal";
    server.breakAll();
    await browser.advance(20_000);
    expect(status()).toBe("offline");
    expect(client.connection().lastError).toBe("Something else answered");
    expect(client.connection().nextTryAt).toBeGreaterThan(browser.wallTime - 1);
    expect(x()).toBe(0);
    for (const rung of ["socket", "sse", "long-poll", "poll"] as const) server.behaviour[rung] = "works";
    await browser.advance(31_000);
    expect(status()).toBe("live");
  });

  it("[C2] waits as long as a refusal asks", async () => {
    server.behaviour.socket = "overloaded";
    await openPage();
    expect(client.connection()).toMatchObject({
      status: "reconnecting",
      attempt: 1,
      lastError: "Too much work is waiting",
    });
    await browser.advance(4900);
    expect(server.opened).toEqual(["socket"]);
    await browser.advance(1000);
    expect(server.opened).toEqual(["socket", "socket"]);
  });
});

describe("parking", () => {
  it("[C3] offline: everything closed and said at once, no wake-ups, and caught up when back", async () => {
    await openPage(["cpu", "feed-orders"]);
    await browser.advance(3000);
    const heard = server.now - 2000;
    await browser.fire("offline");
    expect(client.connection()).toMatchObject({ status: "offline", parked: ["offline"] });
    expect(Math.abs(client.connection().since! - heard)).toBeLessThan(2000);
    expect(server.streams.size).toBe(0);
    await browser.advance(100);
    expect(browser.wakeUps).toBe(0);
    server.publish("feed-orders", { items: [{ n: 1 }] });
    await browser.advance(HOUR);
    await browser.fire("online");
    await browser.advance(100);
    expect(status()).toBe("live");
    expect(orders()).toEqual([1]);
    expect(lastGap()).toMatchObject({ why: "offline", missed: 1, healed: "replay" });
  });

  it("[C3] a page that is loaded offline waits for the network", async () => {
    browser.online = false;
    await openPage();
    expect(server.opened).toEqual([]);
    expect(status()).toBe("offline");
    await browser.fire("online");
    await browser.advance(100);
    expect(status()).toBe("live");
  });

  it("[C3] hidden for a minute: closed, without wake-ups; one repaint on return, nothing missing", async () => {
    await openPage(["cpu", "feed-orders"]);
    let told = 0;
    client.subscribe("feed-orders", () => {
      told += 1;
    });
    await browser.fire("hidden");
    await publishFor(59_000);
    expect(server.streams.size).toBe(1);
    await publishFor(2000);
    expect(server.streams.size).toBe(0);
    await browser.advance(2000);
    expect(browser.wakeUps).toBe(0);
    told = 0;
    await publishFor(HOUR / 60);
    expect(told).toBe(0);
    await browser.fire("visible");
    await browser.advance(100);
    expect(status()).toBe("live");
    expect(told).toBe(1);
    expect(client.channel("feed-orders")).toEqual(server.state("feed-orders"));
    expect(lastGap()).toMatchObject({ why: "hidden" });
  });

  it("[C3] a wall screen never parks because nobody looks at it", async () => {
    browser.kiosk = true;
    await openPage();
    await browser.fire("hidden");
    await publishFor(10 * 60_000);
    expect(status()).toBe("live");
    expect(server.opened).toEqual(["socket"]);
  });

  it("[C3] a short look away parks nothing", async () => {
    await openPage();
    await browser.fire("hidden");
    await browser.advance(50_000);
    await browser.fire("visible");
    await browser.advance(70_000);
    expect(server.opened).toEqual(["socket"]);
    expect(client.ledger()).toEqual([]);
  });

  it("[C3] freeze and the back/forward cache close at once, and resume and return read on", async () => {
    await openPage(["cpu"]);
    await browser.fire("freeze");
    expect(server.streams.size).toBe(0);
    expect(client.connection().parked).toEqual(["frozen"]);
    server.publish("cpu", { set: { x: 1 } });
    await browser.fire("resume");
    await browser.advance(100);
    expect(x()).toBe(1);
    await browser.fire("pagehide");
    expect(server.streams.size).toBe(0);
    server.publish("cpu", { set: { x: 2 } });
    await browser.sleep(60_000, true);
    await browser.fire("pageshow");
    await browser.advance(100);
    expect(x()).toBe(2);
    expect(client.ledger().map(({ why }) => why)).toEqual(["frozen", "bfcache"]);
  });

  it("[C3] stays parked until every reason is gone", async () => {
    await openPage();
    await browser.fire("offline");
    await browser.fire("freeze");
    await browser.fire("online");
    await browser.advance(5000);
    expect(server.streams.size).toBe(0);
    await browser.fire("resume");
    await browser.advance(100);
    expect(status()).toBe("live");
  });

  for (const goesOn of [true, false]) {
    it(`[C7] sleep with a monotonic clock that ${goesOn ? "goes on" : "stops"}: age unknown, live within 3 s`, async () => {
      await openPage();
      const off = client.subscribe("clock", () => {});
      await browser.advance(2000);
      await browser.sleep(HOUR, goesOn);
      await browser.advance(goesOn ? 0 : 1000);
      expect(client.serverNow()).toBeUndefined();
      expect(status()).not.toBe("live");
      server.publish("cpu", { set: { x: 4 } });
      await browser.advance(1000);
      expect(status()).toBe("live");
      expect(x()).toBe(4);
      expect(Math.abs(client.serverNow()! - server.now)).toBeLessThan(50);
      expect(lastGap()).toMatchObject({ why: "slept" });
      expect(lastGap()!.to! - lastGap()!.from).toBeGreaterThan(HOUR - 1000);
      off();
    });
  }
});

describe("the clock topic", () => {
  it("[C6] ticks once a second while somebody listens and the page is visible", async () => {
    await openPage();
    let ticks = 0;
    const off = client.subscribe("clock", () => {
      ticks += 1;
    });
    await browser.advance(5000);
    expect(ticks).toBe(5);
    await browser.fire("hidden");
    await browser.advance(5000);
    expect(ticks).toBe(5);
    await browser.fire("visible");
    expect(ticks).toBe(6);
    off();
    await browser.advance(5000);
    expect(ticks).toBe(6);
  });
});

describe("the view", () => {
  it("[C6] is the same object, and told of once, as long as nothing changed", async () => {
    await openPage();
    const view = client.connection();
    let told = 0;
    client.subscribe("connection", () => {
      told += 1;
    });
    for (let i = 0; i < 100; i += 1) server.publish("cpu", { set: { x: i } });
    await browser.advance(5000);
    expect(client.connection()).toBe(view);
    expect(told).toBe(0);
  });

  it("[C7] measures from commit to arrival over the last minute", async () => {
    await openPage(["cpu"]);
    await publishFor(25_000);
    // The fake wire takes 20 ms, and the clock is reckoned from frames that took as long.
    expect(client.connection().latencyMs).toBeLessThanOrEqual(20);
    expect(client.diagnostics().trials.map(({ rung, outcome }) => `${rung} ${outcome}`)).toEqual([
      "socket opened",
      "socket delivered",
    ]);
  });
});
