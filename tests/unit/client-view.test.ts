import { describe, expect, it } from "vitest";
import {
  type ConnectionView,
  OFFLINE_AFTER,
  sameView,
  statusOf,
  viewLadder,
} from "@/lib/client/connection-view";
import { beginGap, endGap, LEDGER_SIZE, noteFrame, openGap } from "@/lib/client/gap-ledger";
import { ladderWhy } from "@/lib/client/gap-reason";
import type { Failure, Ladder, ParkReason, Tries } from "@/lib/client/ladder-state";
import { LINGER_MS, WatchList } from "@/lib/client/watch-list";
import { FakeBrowser } from "../support/fake-browser";

const base = { choice: "auto", pollMs: 5000, first: "sse" } as const;
const tries = (more: Partial<Tries> = {}): Tries => ({
  attempt: 0,
  unanswered: 0,
  flaps: 0,
  probes: 0,
  since: 0,
  ...more,
});
const cause = (more: Partial<Failure> = {}): Failure => ({
  reason: "closed",
  answered: false,
  message: "It was closed",
  ...more,
});
const opening = { rung: "sse", at: 0 } as const;

const stopped: Ladder = { ...base, name: "stopped" };
const parked = (...reasons: ParkReason[]): Ladder => ({ ...base, name: "parked", reasons });
const racing = (more: Partial<Tries> = {}, why?: Failure): Ladder => ({
  ...base,
  name: "racing",
  open: [opening, { rung: "poll", at: 1 }],
  queue: [],
  nextAt: 0,
  tries: tries(more),
  cause: why,
});
const connecting = (more: Partial<Tries> = {}, why = cause()): Ladder => ({
  ...base,
  name: "connecting",
  opening,
  tries: tries(more),
  cause: why,
});
const waiting = (more: Partial<Tries> = {}, why = cause()): Ladder => ({
  ...base,
  name: "waiting",
  until: 7000,
  tries: tries(more),
  cause: why,
});
const live = (quiet = false): Ladder => ({
  ...base,
  name: "live",
  opening,
  since: 0,
  heardAt: 0,
  quiet,
  tries: tries({ attempt: 3 }),
});

const away = { unanswered: OFFLINE_AFTER };
const unavailable = cause({ answered: true, code: "log_unavailable" });

describe("the status", () => {
  it("[H6][C7] is no alarm while the page moves to another node, until that fails", () => {
    const moved = cause({ reason: "moved", answered: true });
    expect(statusOf(connecting({}, moved), { catchingUp: false })).toBe("catching-up");
    expect(statusOf(connecting({ attempt: 1 }, moved), { catchingUp: false })).toBe("reconnecting");
    expect(statusOf(waiting({ attempt: 1 }, moved), { catchingUp: false })).toBe("reconnecting");
    expect(ladderWhy(connecting({}, moved), {})).toBe("moved");
  });

  it.each<[string, Ladder, { catchingUp: boolean; delayedSince?: number }]>([
    ["catching-up", stopped, { catchingUp: true }],
    ["catching-up", parked("hidden"), { catchingUp: true }],
    ["offline", parked("hidden", "offline"), { catchingUp: true }],
    ["live", live(), { catchingUp: false }],
    ["catching-up", live(), { catchingUp: true }],
    ["delayed", live(), { catchingUp: false, delayedSince: 5 }],
    ["delayed", live(true), { catchingUp: false }],
    ["delayed", live(true), { catchingUp: true }],
    ["catching-up", racing({}, cause()), { catchingUp: true }],
    ["reconnecting", racing({ attempt: 1, unanswered: 1 }), { catchingUp: true }],
    ["offline", racing({ attempt: 5, ...away }), { catchingUp: true }],
    ["reconnecting", connecting({ attempt: 1, unanswered: OFFLINE_AFTER - 1 }), { catchingUp: true }],
    ["offline", connecting(away), { catchingUp: true }],
    ["delayed", connecting({}, unavailable), { catchingUp: true }],
    ["reconnecting", waiting(), { catchingUp: true }],
    ["offline", waiting(away), { catchingUp: true }],
    ["delayed", waiting({}, unavailable), { catchingUp: true }],
  ])("[C7] is %s for case %#", (status, ladder, reading) => {
    expect(statusOf(ladder, reading)).toBe(status);
  });

  it("[C7] names the rung that delivers, those that are tried, and when the next try comes", () => {
    const at = { wall: 1_000_000, mono: 2000 };
    expect(viewLadder(live(), at)).toEqual({
      transport: "sse",
      trying: [],
      attempt: 0,
      quiet: false,
      parked: [],
    });
    expect(viewLadder(racing({ attempt: 2 }, cause()), at)).toEqual({
      trying: ["sse", "poll"],
      attempt: 2,
      lastError: "It was closed",
      quiet: false,
      parked: [],
    });
    expect(viewLadder(waiting({ attempt: 2 }), at)).toMatchObject({ trying: ["sse"], nextTryAt: 1_005_000 });
    const fixed: Ladder = { ...waiting(), choice: "poll" };
    expect(viewLadder(fixed, at)).toMatchObject({ trying: ["poll"] });
    expect(viewLadder(parked("frozen"), at)).toMatchObject({ trying: [], parked: ["frozen"] });
  });

  it("[C6] is the same view only when all that it says is the same", () => {
    const view: ConnectionView = {
      status: "reconnecting",
      transport: "sse",
      trying: ["sse"],
      since: 1,
      attempt: 1,
      nextTryAt: 1000,
      lastError: "x",
      latencyMs: 5,
      quiet: false,
      parked: [],
    };
    expect(sameView(view, { ...view, nextTryAt: 1010 })).toBe(true);
    const others: Partial<ConnectionView>[] = [
      { status: "offline" },
      { transport: "poll" },
      { trying: ["sse", "poll"] },
      { since: 2 },
      { attempt: 2 },
      { nextTryAt: 1100 },
      { lastError: "y" },
      { latencyMs: 6 },
      { quiet: true },
      { parked: ["hidden"] },
    ];
    expect(Object.keys(view).length).toBe(others.length);
    for (const other of others)
      expect(sameView(view, { ...view, ...other }), JSON.stringify(other)).toBe(false);
  });
});

describe("the ledger", () => {
  it.each<[string | undefined, Ladder, Parameters<typeof ladderWhy>[1]?]>([
    [undefined, stopped],
    [undefined, parked("unwatched")],
    ["offline", parked("unwatched", "offline")],
    ["closed", waiting()],
    ["silence", connecting({}, cause({ reason: "silence" }))],
    ["not-ours", racing({}, cause({ reason: "not-ours" }))],
    ["slept", racing()],
    ["silence", live(true), { delayedSince: 5 }],
    ["log-delayed", live(), { delayedSince: 5 }],
    ["lost-frame", live(), { behind: "lost-frame" }],
    ["slow", live(), { behind: "slow" }],
    [undefined, live(), { behind: "way-back" }],
  ])("[C8] says %s for case %#", (why, ladder, reading = {}) => {
    expect(ladderWhy(ladder, reading)).toBe(why);
  });

  const frame = (committed: number[], more = {}) => ({
    committed,
    whole: false,
    replacesLog: false,
    now: 900,
    ...more,
  });

  it("[C8] counts what was missed while a gap lasts, and the parts that still belong to it afterwards", () => {
    let ledger = beginGap([], { from: 10_000, why: "offline", transport: "socket" });
    ledger = noteFrame(ledger, frame([10_001, 10_002, 29_999]));
    expect(noteFrame(ledger, frame([]))).toBe(ledger);
    expect(openGap(ledger)).toMatchObject({ from: 10_000, missed: 3 });
    ledger = endGap(noteFrame(ledger, frame([20_000])), 30_000);
    expect(openGap(ledger)).toBeUndefined();
    // Two more were committed while it lasted, the third came after it.
    ledger = noteFrame(ledger, frame([21_000, 22_000, 30_001]));
    expect(ledger).toEqual([
      { from: 10_000, to: 30_000, why: "offline", transport: "socket", missed: 6, healed: "replay" },
    ]);
    expect([endGap(ledger, 99_999), noteFrame(ledger, frame([30_500]))]).toEqual([ledger, ledger]);
    expect([endGap([], 1), noteFrame([], frame([1]))]).toEqual([[], []]);
  });

  it("[C8] one snapshot makes it a gap that no replay healed, whatever follows", () => {
    const open = noteFrame(beginGap([], { from: 1, why: "slept" }), frame([], { whole: true }));
    expect(endGap(noteFrame(open, frame([2, 3])), 4).at(-1)).toMatchObject({ healed: "snapshot", missed: 2 });
  });

  it("[C8] a log that was replaced without a pause is an interruption of its own", () => {
    const replaced = frame([], { whole: true, replacesLog: true, transport: "sse" });
    const gap = { from: 900, to: 900, why: "new-log", transport: "sse", missed: 0, healed: "snapshot" };
    expect(noteFrame([], replaced)).toEqual([gap]);
  });

  it("[C8] keeps the newest, and what was read of it does not change", () => {
    let ledger = beginGap([], { from: 0, why: "closed" });
    const first = ledger;
    for (let i = 1; i < 3 * LEDGER_SIZE; i += 1)
      ledger = beginGap(endGap(ledger, i), { from: i, why: "closed" });
    expect(ledger.length).toBe(LEDGER_SIZE);
    expect(ledger.at(-1)!.from).toBe(3 * LEDGER_SIZE - 1);
    expect(first).toEqual([{ from: 0, why: "closed", missed: 0 }]);
  });
});

describe("what pages watch", () => {
  const create = () => {
    const browser = new FakeBrowser();
    const seen: string[] = [];
    const list: WatchList = new WatchList(browser.after, () => seen.push(list.wanted().channels.join()));
    return { browser, list, seen };
  };

  it("[C1] is one set: a transport counts when all that name one agree, and the fastest cadence", () => {
    const { list } = create();
    list.add({ channels: ["a", "b"], transport: "poll", cadence: 30_000 });
    list.add({ channels: ["b", "c"], cadence: 20_000 });
    expect(list.wanted()).toEqual({ channels: ["a", "b", "c"], choice: "poll", pollMs: 20_000 });
    const leave = list.add({ channels: ["d"], transport: "sse", cadence: 1 });
    expect(list.wanted()).toMatchObject({ choice: "auto", pollMs: 5000 });
    leave();
    expect(list.wanted()).toMatchObject({ choice: "poll", pollMs: 20_000 });
  });

  it("[C1] polls at least once a minute", () => {
    const { list } = create();
    list.add({ channels: ["a"], cadence: 600_000 });
    expect(list.wanted().pollMs).toBe(60_000);
  });

  it("[F3] moves from page to page without a subscription to nothing, also when the next page is late", async () => {
    const { browser, list, seen } = create();
    const leave = list.add({ channels: ["a"] });
    await browser.advance(0);
    leave();
    const leaveB = list.add({ channels: ["b"] });
    await browser.advance(0);
    expect(seen).toEqual(["a", "b"]);
    leaveB();
    await browser.advance(LINGER_MS - 1);
    list.add({ channels: ["c"] });
    await browser.advance(2 * LINGER_MS);
    expect(seen).toEqual(["a", "b", "c"]);
  });

  it("[C3] is kept for a moment after the last page was left, and then is nothing, without a timer", async () => {
    const { browser, list, seen } = create();
    const leave = list.add({ channels: ["a"] });
    await browser.advance(0);
    leave();
    leave();
    await browser.advance(LINGER_MS - 1);
    expect(seen).toEqual(["a"]);
    await browser.advance(1);
    expect(seen).toEqual(["a", ""]);
    expect(browser.wakeUps).toBe(0);
  });
});
