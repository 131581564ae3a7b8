import { describe, expect, it } from "vitest";
import { type Archiving, beginArchiving, goOnFromFloor, takeStretch } from "@/lib/server/history/archiving";
import type { Update } from "@/lib/shared/state";

const T = 1_770_000_000_000;
const EMPTY = { cursor: "", until: null, aliveAt: null };

function update(seconds: number, ch = "gauges"): Update {
  return { id: `${T + seconds * 1000}-0`, ch, set: { a: seconds } };
}

/** A stretch of the log; at its head, unless there is `more`. */
function stretch(from: string, updates: Update[], more = false) {
  const to = updates.at(-1)?.id ?? from;
  return { from, to, head: more ? `${T + 999_999}-0` : to, updates };
}

function take(state: Archiving, updates: Update[], at: number, more = false) {
  return takeStretch(state, stretch(state.position, updates, more), T + at * 1000, (ch) => ch === "gauges");
}

/** An archive that has the log up to second 0 and said so then. */
const KNOWN = beginArchiving({ cursor: `${T}-0`, until: T, aliveAt: T }, "0-0");
const outage = (from: number, to: number) => ({ from: T + from * 1000, to: T + to * 1000 });

describe("archiving", () => {
  it("[A1] begins at the log's floor, later where the archive is", () => {
    expect(beginArchiving(EMPTY, "5-0")).toMatchObject({ position: "5-0", recordedTo: undefined });
    expect(KNOWN).toMatchObject({ position: `${T}-0`, recordedTo: T });
    const alive = { cursor: `${T}-0`, until: T, aliveAt: T + 9000 };
    expect(beginArchiving(alive, "0-0").recordedTo).toBe(T + 9000);
  });

  it("[A4] believes what the node has witnessed itself, when the archive could not be told", () => {
    const again = beginArchiving(KNOWN.archive, "0-0", T + 90_000);
    expect(take(again, [], 95).request?.outages).toEqual([]);
    expect(beginArchiving(KNOWN.archive, "0-0", T - 5000).recordedTo).toBe(T);
  });

  it("[A1] moves the archive's cursor over all updates, and hands it those of record channels", () => {
    const { next, request, isAtHead } = take(KNOWN, [update(1), update(2, "stock")], 3);
    expect(request).toEqual({
      expected: `${T}-0`,
      cursor: `${T + 2000}-0`,
      until: T + 2000,
      aliveAt: T + 3000,
      updates: [update(1)],
      outages: [],
      now: T + 3000,
    });
    expect(isAtHead).toBe(true);
    expect(next).toMatchObject({ position: `${T + 2000}-0`, recordedTo: T + 3000 });
    expect(next.archive.cursor).toBe(next.position);
  });

  it("[A1] says that it is alive every five seconds, when nothing comes", () => {
    expect(take(KNOWN, [], 4).request).toBeUndefined();
    const { request, next } = take(take(KNOWN, [], 4).next, [], 6);
    expect(request).toMatchObject({ cursor: `${T}-0`, aliveAt: T + 6000, updates: [] });
    expect(take(next, [], 8).request).toBeUndefined();
  });

  it("[A1] does not say so before it has all that the log has", () => {
    expect(take(KNOWN, [update(1)], 8, true).request).toMatchObject({ aliveAt: T });
    expect(take(KNOWN, [update(1)], 8, true).isAtHead).toBe(false);
  });

  it("[A1] skips what it has, in a log that is another one", () => {
    const back = goOnFromFloor(KNOWN, "0-0");
    expect(back).toMatchObject({ position: "0-0", hasLost: false });
    const old = take(back, [update(-3), update(-2)], 1, true);
    expect(old.request).toBeUndefined();
    expect(old.next.position).toBe(`${T - 2000}-0`);
    const { request } = take(old.next, [update(-1), update(0), update(1)], 2);
    expect(request).toMatchObject({
      expected: `${T}-0`,
      cursor: `${T + 1000}-0`,
      updates: [update(1)],
      outages: [],
    });
  });

  it("[A4] tells an outage when the log has dropped entries, however short", () => {
    const lost = goOnFromFloor(KNOWN, `${T + 3000}-0`);
    expect(lost).toMatchObject({ position: `${T + 3000}-0`, hasLost: true });
    const { request, next } = take(lost, [update(4), update(5)], 6);
    expect(request?.outages).toEqual([outage(0, 4)]);
    expect(take(next, [update(7)], 8).request?.outages).toEqual([]);
    // Nothing has followed yet.
    expect(take(lost, [], 10).request?.outages).toEqual([outage(0, 10)]);
  });

  it("[A4] tells an outage when the server was away, as of its last sign of life", () => {
    const away = beginArchiving({ cursor: `${T}-0`, until: T, aliveAt: T + 8000 }, "0-0");
    expect(take(away, [update(30)], 31).request?.outages).toEqual([outage(8, 30)]);
    expect(take(away, [], 31).request?.outages).toEqual([outage(8, 31)]);
    expect(take(away, [update(25)], 26).request?.outages).toEqual([]);
  });

  it("[A4] tells an outage when the process slept, or the log was out of reach", () => {
    const { next } = take(KNOWN, [update(1)], 2);
    expect(take(next, [update(63)], 64).request?.outages).toEqual([outage(2, 63)]);
  });

  it("[A4] tells none when other nodes went on, or when all is quiet", () => {
    const others = [update(10), update(25), update(40), update(55)];
    expect(take(KNOWN, others, 60).request?.outages).toEqual([]);
    let state = KNOWN;
    for (let at = 2; at < 120; at += 2) {
      const step = take(state, [], at);
      expect(step.request?.outages ?? []).toEqual([]);
      state = step.next;
    }
  });

  it("[A4] tells none at the very first start, nor when the clock steps back", () => {
    const first = take(beginArchiving(EMPTY, "0-0"), [update(0), update(3)], 5);
    expect(first.request?.outages).toEqual([]);
    const back = take(first.next, [{ ...update(6), at: T - 60_000 }], -58);
    expect(back.request?.outages).toEqual([]);
    expect(back.next.recordedTo).toBe(T + 5000);
    expect(back.request?.until).toBe(T + 3000);
  });

  it("[A4] believes no clock that was far ahead, once it is right again", () => {
    const year = 365 * 24 * 3600;
    const wrong = beginArchiving(
      { cursor: `${T}-0`, until: T + year * 1000, aliveAt: T + year * 1000 },
      "0-0",
    );
    const step = take(wrong, [update(30)], 31);
    expect(step.request).toMatchObject({ until: T + 30_000, aliveAt: T + 31_000, outages: [] });
    expect(step.next.recordedTo).toBe(T + 31_000);
    expect(take(step.next, [update(90)], 91).request?.outages).toEqual([outage(31, 90)]);
    // What was committed meanwhile tells no time either.
    const late = take(KNOWN, [update(1), { ...update(2), at: T + year * 1000 }], 3);
    expect(late.request).toMatchObject({ until: T + 3000, outages: [] });
    expect(late.next.recordedTo).toBe(T + 3000);
  });
});
