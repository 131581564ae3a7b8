import { beforeEach, describe, expect, it } from "vitest";
import type { Rung } from "@/lib/client/ladder-state";
import { createLiveClient, type LiveClient } from "@/lib/client/live-client";
import type { Frame, PageSnapshot } from "@/lib/shared/protocol";
import type { ChannelState, RecordState } from "@/lib/shared/state";
import { FakeBrowser } from "../support/fake-browser";
import { FakeRungs } from "../support/fake-rungs";

const HOUR = 3_600_000;
const state = (x: number): ChannelState => ({ kind: "record", asOf: 1, values: { x }, ts: { x: 1 } });

let browser: FakeBrowser;
let rungs: FakeRungs;
let client: LiveClient;

beforeEach(() => {
  browser = new FakeBrowser();
  rungs = new FakeRungs(browser);
  client = createLiveClient(browser);
});

const page = (id: number): PageSnapshot => ({
  frame: { to: `e.${id}-0`, snapshot: { cpu: state(0) }, now: browser.wallTime },
  series: {},
});

/** A frame on the rung opened last: its updates are those after `from`, one for each id. */
function deliver(rung: Rung, from: number, to: number, more: Partial<Frame> = {}): void {
  const { link } = rungs.last(rung);
  const ids = Array.from({ length: to - from }, (_, i) => from + 1 + i);
  const updates = ids.map((id) => ({ id: `${id}-0`, ch: "cpu", set: { x: id } }));
  link.frame({ from: `e.${from}-0`, to: `e.${to}-0`, updates, sub: link.subscription().sub, ...more });
}

async function openPage(first: Rung): Promise<void> {
  client.seed(page(10));
  client.watch(["cpu"]);
  client.start();
  await browser.advance(0);
  for (const failing of ["socket", "sse", "long-poll"] as const) {
    if (failing === first) break;
    rungs.last(failing).link.failed({ reason: "closed", answered: false, message: "closed" });
  }
  deliver(first, 10, 11, { now: browser.wallTime });
  await browser.advance(100);
  expect(client.connection()).toMatchObject({ status: "live", transport: first });
}

const x = () => (client.channel("cpu") as RecordState).values.x;

describe("after a sleep in which the monotonic clock stood still", () => {
  const sleep = () => {
    browser.wallTime += HOUR;
  };

  it("[C3] an event of the page that comes before any timer opens the connection anew", async () => {
    for (const event of ["visible", "online", "pageshow", "resume"] as const) {
      browser = new FakeBrowser();
      rungs = new FakeRungs(browser);
      client = createLiveClient(browser);
      await openPage("socket");
      sleep();
      await browser.fire(event);
      expect(rungs.opened.socket.length, event).toBe(2);
      expect(client.serverNow(), event).toBeUndefined();
      deliver("socket", 11, 12, { now: browser.wallTime });
      expect(client.connection().status, event).toBe("live");
      expect(client.ledger().at(-1), event).toMatchObject({ why: "slept", missed: 1, healed: "replay" });
    }
  });

  it("[C7] a frame from before it, delivered after, neither sets the clock nor passes for a sign of life", async () => {
    await openPage("socket");
    const before = browser.wallTime;
    sleep();
    deliver("socket", 11, 12, { now: before });
    expect(client.serverNow()).toBeUndefined();
    expect(client.connection().status).not.toBe("live");
    expect(rungs.opened.socket.length).toBe(2);
    deliver("socket", 11, 13, { now: browser.wallTime });
    expect(client.serverNow()).toBe(browser.wallTime);
    await browser.advance(100);
    expect(x()).toBe(13);
  });

  it("[C7] the end of a poll from before it is no answer, and the loss of what is dead is no failure", async () => {
    await openPage("long-poll");
    sleep();
    rungs.last("long-poll").link.alive();
    expect(client.connection()).not.toHaveProperty("transport");
    deliver("long-poll", 11, 12, { now: browser.wallTime });
    sleep();
    rungs.last("long-poll").link.failed({ reason: "closed", answered: false, message: "closed" });
    expect(rungs.open).toEqual(["long-poll"]);
    expect(client.connection()).toMatchObject({ attempt: 0, trying: ["long-poll"] });
  });
});

describe("a quiet page on polls", () => {
  it("[C7] knows the server's now from the first answer that has nothing new, and again after a sleep", async () => {
    client.seed(page(10));
    client.watch(["cpu"], "poll");
    client.start();
    await browser.advance(0);
    const dated = () => rungs.last("poll").link.alive(Math.floor(browser.wallTime / 1000) * 1000);
    dated();
    expect(Math.abs(client.serverNow()! - browser.wallTime)).toBeLessThanOrEqual(500);
    expect(client.connection().status).toBe("live");
    browser.wallTime += HOUR;
    await browser.fire("visible");
    expect(client.serverNow()).toBeUndefined();
    dated();
    expect(Math.abs(client.serverNow()! - browser.wallTime)).toBeLessThanOrEqual(500);
    const { now } = page(11).frame;
    deliver("poll", 10, 11, { now });
    expect(client.serverNow()).toBe(now);
  });
});

describe("a lost frame", () => {
  it("[F3] is asked for once, however many frames follow, and again when the answer does not close the gap", async () => {
    await openPage("socket");
    const asked = () => rungs.last("socket").asked.length;
    deliver("socket", 12, 13);
    expect(client.connection().status).toBe("catching-up");
    deliver("socket", 13, 14);
    expect(asked()).toBe(2);
    deliver("socket", 11, 14);
    expect(client.connection().status).toBe("live");
    deliver("socket", 15, 16);
    expect(asked()).toBe(3);
  });

  it("[F3] that two transports miss is asked for on each, so that none is left waiting for the other", async () => {
    await openPage("sse");
    await browser.advance(9000);
    deliver("sse", 11, 11);
    await browser.advance(4000);
    expect(rungs.open).toEqual(["socket", "sse"]);
    deliver("sse", 12, 13);
    expect(rungs.last("sse").asked.length).toBe(2);
    // The probe delivers first and takes over, so the answer on the other one will never come.
    deliver("socket", 12, 14);
    expect(rungs.open).toEqual(["socket"]);
    expect(rungs.last("socket").asked.length).toBe(2);
    deliver("socket", 11, 14);
    await browser.advance(100);
    expect([client.connection().status, x()]).toEqual(["live", 14]);
  });
});

describe("a transport that was closed", () => {
  it("[C1] is not heard any more, so that it cannot end or shake the one that replaced it", async () => {
    await openPage("socket");
    const { link: old } = rungs.last("socket");
    const closed = { reason: "closed", answered: false, message: "closed" } as const;
    old.failed(closed);
    await browser.advance(1000);
    deliver("socket", 11, 12);
    expect(client.connection()).toMatchObject({ status: "live", transport: "socket" });
    const { sub } = old.subscription();
    old.frame({ from: "e.50-0", to: "e.51-0", updates: [], sub });
    old.failed(closed);
    expect(client.connection()).toMatchObject({ status: "live", transport: "socket" });
    expect(rungs.last("socket").asked.length).toBe(1);
  });
});
