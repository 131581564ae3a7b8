import { beforeEach, describe, expect, it } from "vitest";
import type { Rung } from "@/lib/client/ladder-state";
import { createLiveClient, type LiveClient } from "@/lib/client/live-client";
import type { Frame } from "@/lib/shared/protocol";
import type { RecordState } from "@/lib/shared/state";
import { FakeBrowser } from "../support/fake-browser";
import { FakeRungs } from "../support/fake-rungs";

let browser: FakeBrowser;
let rungs: FakeRungs;
let client: LiveClient;

beforeEach(() => {
  browser = new FakeBrowser();
  rungs = new FakeRungs(browser);
  client = createLiveClient(browser);
});

/** A frame on the rung opened last: its updates are those after `from`, one for each id, all long ago. */
function deliver(rung: Rung, from: number, to: number, rest: Partial<Frame> = {}, asked?: number): void {
  const { link } = rungs.last(rung);
  const ids = Array.from({ length: to - from }, (_, i) => from + 1 + i);
  const updates = ids.map((id) => ({ id: `${id}-0`, ch: "cpu", set: { x: id } }));
  const frame = { from: `e.${from}-0`, to: `e.${to}-0`, updates, sub: link.subscription().sub, ...rest };
  link.frame(frame, asked === undefined ? undefined : `e.${asked}-0`);
}

const fail = (rung: Rung) =>
  rungs.last(rung).link.failed({ reason: "closed", answered: false, message: "closed" });

async function openPage(first: Rung): Promise<void> {
  const state: RecordState = { kind: "record", asOf: 1, values: { x: 0 }, ts: { x: 1 } };
  client.seed({ frame: { to: "e.10-0", snapshot: { cpu: state }, now: browser.wallTime }, series: {} });
  client.watch(["cpu"]);
  client.start();
  await browser.advance(0);
  for (const failing of ["socket", "sse", "long-poll"] as const) {
    if (failing === first) break;
    fail(failing);
  }
  deliver(first, 10, 11, { now: browser.wallTime }, 10);
  await browser.advance(100);
  expect(client.connection()).toMatchObject({ status: "live", transport: first });
}

const status = () => client.connection().status;
const x = () => (client.channel("cpu") as RecordState).values.x;
const more = true;

describe("a log that was put back from a copy", () => {
  const state = (value: number): RecordState => ({
    kind: "record",
    asOf: value,
    values: { x: value },
    ts: {},
  });
  const whole = (rung: Rung, to: number, asked?: number) => {
    const { link } = rungs.last(rung);
    const { sub } = link.subscription();
    const frame = { to: `e.${to}-0`, snapshot: { cpu: state(to) }, now: browser.wallTime, sub };
    link.frame(frame, asked === undefined ? undefined : `e.${asked}-0`);
  };

  it("[L4][R3] is found out by the snapshot that ends before the cursor asked with, and begun anew", async () => {
    await openPage("socket");
    deliver("socket", 11, 20);
    await browser.advance(100);
    expect(client.series("cpu", "x").length).toBeGreaterThan(5);
    const { sub } = rungs.last("socket").link.subscription();
    fail("socket");
    await browser.advance(1000);
    whole("socket", 5, 20);
    await browser.advance(100);
    expect([status(), x()]).toEqual(["live", 5]);
    expect(client.series("cpu", "x")).toEqual([[5, 5]]);
    expect(client.ledger()).toMatchObject([
      { why: "new-log", healed: "snapshot" },
      { why: "closed", healed: "snapshot" },
    ]);
    // All is asked for anew, and a frame of the lost entries that still comes is of another subscription.
    expect(rungs.last("socket").asked.at(-1)).toMatchObject({ cursor: "e.5-0" });
    deliver("socket", 5, 19, { sub });
    deliver("socket", 5, 6, {}, 5);
    await browser.advance(100);
    expect([status(), x()]).toEqual(["live", 6]);
  });

  it("[L4] is an interruption of its own under a connection that polls on", async () => {
    await openPage("poll");
    whole("poll", 5, 11);
    await browser.advance(100);
    expect([status(), x()]).toEqual(["live", 5]);
    expect(client.ledger()).toMatchObject([{ why: "new-log", transport: "poll", healed: "snapshot" }]);
  });

  it("[R3] is not suspected when a slower transport had asked earlier, or without a cursor", async () => {
    await openPage("sse");
    await browser.advance(9900);
    deliver("sse", 11, 11, { now: browser.wallTime });
    await browser.advance(4000);
    expect(rungs.open).toEqual(["socket", "sse"]);
    deliver("sse", 11, 40);
    whole("socket", 30, 11);
    whole("socket", 30);
    await browser.advance(100);
    expect([status(), x()]).toEqual(["live", 40]);
    expect(client.ledger()).toEqual([]);
  });

  it("[L4] is not built on by the page of a restored server that comes before any frame", async () => {
    await openPage("socket");
    deliver("socket", 11, 20);
    fail("socket");
    await browser.advance(3000);
    const frame = { to: "e.6-0", snapshot: { cpu: state(6), disk: state(6) }, now: browser.wallTime };
    client.seed({ frame, series: {} });
    client.watch(["disk"]);
    await browser.advance(100);
    // Only a cursor of what was lost can show that it was.
    expect(rungs.last("socket").link.subscription()).toMatchObject({ cursor: "e.20-0", fresh: ["disk"] });
  });
});

describe("a long way back", () => {
  it("[C7] is catching up until its last part, which ends the interruption, and is no measure of latency", async () => {
    await openPage("socket");
    fail("socket");
    await browser.advance(1000);
    const { latencyMs } = client.connection();
    deliver("socket", 11, 20, { now: browser.wallTime, more }, 11);
    expect(client.connection()).toMatchObject({ status: "catching-up", transport: "socket" });
    await browser.advance(2000);
    deliver("socket", 20, 30, { more });
    expect(status()).toBe("catching-up");
    expect(client.ledger()).toMatchObject([{ why: "closed", missed: 19 }]);
    expect(client.ledger()[0]).not.toHaveProperty("to");
    // The last part is empty when the rest held nothing for this page.
    deliver("socket", 30, 30, { now: browser.wallTime });
    expect(client.connection()).toMatchObject({ status: "live", latencyMs });
    expect(client.ledger()).toMatchObject([{ why: "closed", missed: 19, healed: "replay" }]);
    expect(client.ledger()[0]!.to).toBe(browser.wallTime);
    await browser.advance(100);
    expect(x()).toBe(30);
  });

  it("[C7] of a page that was just opened is catching up too, and no interruption", async () => {
    const state: RecordState = { kind: "record", asOf: 1, values: { x: 0 }, ts: { x: 1 } };
    client.seed({ frame: { to: "e.10-0", snapshot: { cpu: state }, now: browser.wallTime }, series: {} });
    client.watch(["cpu"]);
    client.start();
    await browser.advance(0);
    deliver("socket", 10, 20, { now: browser.wallTime, more }, 10);
    deliver("socket", 20, 30, { more });
    expect(status()).toBe("catching-up");
    deliver("socket", 30, 40);
    expect(status()).toBe("live");
    expect(client.ledger()).toEqual([]);
  });

  it("[C8] of a live stream that did not keep up is an interruption, since what came last before it", async () => {
    await openPage("sse");
    await browser.advance(3000);
    deliver("sse", 11, 12);
    const heard = browser.wallTime;
    await browser.advance(5000);
    deliver("sse", 12, 20, { more });
    expect(status()).toBe("catching-up");
    deliver("sse", 20, 30);
    expect(status()).toBe("live");
    expect(client.ledger()).toMatchObject([{ from: heard, why: "slow", missed: 18, healed: "replay" }]);
  });

  it("[C8] that a poll brings in parts is none, unless it breaks on the way", async () => {
    await openPage("poll");
    deliver("poll", 11, 20, { now: browser.wallTime, more }, 11);
    expect(status()).toBe("catching-up");
    deliver("poll", 20, 30, { now: browser.wallTime }, 20);
    expect([status(), client.ledger()]).toEqual(["live", []]);
    deliver("poll", 30, 40, { now: browser.wallTime, more }, 30);
    fail("poll");
    expect(client.ledger()).toMatchObject([{ why: "closed", transport: "poll" }]);
  });

  it("[C8] on which a new subscription sets out is none either", async () => {
    await openPage("socket");
    client.watch(["disk"]);
    await browser.advance(0);
    deliver("socket", 11, 20, { now: browser.wallTime, more }, 11);
    expect(status()).toBe("catching-up");
    deliver("socket", 20, 30);
    expect([status(), client.ledger()]).toEqual(["live", []]);
  });

  it("[C7] that another transport is on says nothing about one that has it behind it", async () => {
    await openPage("sse");
    await browser.advance(9900);
    deliver("sse", 11, 30, { now: browser.wallTime });
    await browser.advance(4000);
    expect(rungs.open).toEqual(["socket", "sse"]);
    deliver("socket", 11, 20, { now: browser.wallTime, more }, 11);
    expect(client.connection()).toMatchObject({ status: "live", transport: "socket" });
    deliver("socket", 20, 40, { more });
    expect(status()).toBe("catching-up");
    deliver("socket", 40, 40);
    expect(status()).toBe("live");
  });

  it("[F3] is gone again from where a part got lost", async () => {
    await openPage("socket");
    const asked = () => rungs.last("socket").asked;
    deliver("socket", 12, 13);
    deliver("socket", 11, 20, { more }, 11);
    deliver("socket", 30, 40, { more });
    expect(asked().map(({ cursor }) => cursor)).toEqual(["e.10-0", "e.11-0", "e.20-0"]);
    deliver("socket", 20, 50, {}, 20);
    expect(status()).toBe("live");
    expect(client.ledger()).toMatchObject([{ why: "lost-frame", healed: "replay" }]);
  });
});
