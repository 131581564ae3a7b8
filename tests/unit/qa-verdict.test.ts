import { describe, expect, it } from "vitest";
import { type Evidence, judge } from "../support/verdict";
import { readNumber, type Sight, valuesOf } from "../support/witness";

const T = 1_800_000_000_000;

/** Order n is acknowledged n × 100 ms after the start, and each tenth is a figure. */
function acknowledgedUpTo(last: number) {
  const orders = Array.from({ length: last }, (_, i) => ({ n: i + 1, at: T + 100 * (i + 1) }));
  return { orders, figures: orders.filter(({ n }) => n % 10 === 0) };
}

/** What is seen from `from` to `until` (ms after the start) when the newest order is `newest`. */
function sight(from: number, until: number, newest: number, change: Partial<Sight> = {}): Sight {
  const orders = Array.from({ length: Math.min(6, newest) }, (_, i) => newest - i);
  const base = {
    askedAt: T,
    word: "Live",
    transport: "WebSocket",
    bar: null,
    list: true,
    orders,
    count: newest,
    card: 20,
  };
  return { ...base, from: T + from, until: T + until, ...change };
}

/** Orders 1 to 20 are shown, each when it is acknowledged. */
const flawless: Evidence = {
  acknowledged: acknowledgedUpTo(20),
  sights: Array.from({ length: 20 }, (_, i) => sight(100 * (i + 1), 100 * (i + 2), i + 1)),
  drawn: [10, 20],
};

describe("the verdict", () => {
  it("finds nothing where all is well", () => {
    expect(judge(flawless)).toEqual({
      expected: 22,
      shown: 22,
      missing: 0,
      doubled: 0,
      disordered: 0,
      dishonest: [],
      noticeMs: null,
      recoverMs: null,
    });
  });

  it("counts what is missing at the end: orders, a figure on the card, points of the chart", () => {
    expect(judge({ ...flawless, sights: flawless.sights.slice(0, -2) }).missing).toBe(2);
    expect(judge({ ...flawless, drawn: [10] }).missing).toBe(1);
    const wrongCard = [...flawless.sights.slice(0, -1), sight(2000, 2100, 20, { card: 10 })];
    expect(judge({ ...flawless, sights: wrongCard }).missing).toBe(1);
    expect(judge({ ...flawless, sights: [] }).missing).toBe(21);
  });

  it("asks of a chart only the last of the figures that came within half a second", () => {
    const figures = [10, 15, 20].map((n, i) => ({ n, at: T + [0, 2000, 2400][i]! }));
    const of = (drawn: number[]) =>
      judge({ ...flawless, acknowledged: { ...flawless.acknowledged, figures }, drawn }).missing;
    expect([of([10, 15, 20]), of([10, 20]), of([15, 20]), of([10, 15]), of([10])]).toEqual([0, 0, 1, 1, 2]);
  });

  it("counts what is there twice, and what nobody sent", () => {
    const more = [...flawless.sights.slice(0, -1), sight(2000, 2100, 20, { count: 21 })];
    expect(judge({ ...flawless, sights: more })).toMatchObject({ doubled: 1, disordered: 1 });
    expect(judge({ ...flawless, drawn: [10, 15, 20] }).doubled).toBe(1);
    expect(judge({ ...flawless, drawn: [10, 10, 20] }).doubled).toBe(1);
  });

  it("sees a hole in the list, a step back, and a line that goes back", () => {
    const hole = [...flawless.sights, sight(2100, 2200, 20, { orders: [20, 18, 17] })];
    expect(judge({ ...flawless, sights: hole }).disordered).toBe(1);
    const back = [...flawless.sights, sight(2100, 2200, 15), sight(2200, 2300, 20)];
    expect(judge({ ...flawless, sights: back }).disordered).toBe(1);
    expect(judge({ ...flawless, drawn: [10, 20, 10] }).disordered).toBe(1);
  });

  it("holds a page to what was seen when it was asked for, not to what the one before it still showed", () => {
    const askedAt = (ms: number) => ({ askedAt: T + ms });
    const next = (...sights: Sight[]) =>
      judge({ ...flawless, sights: [...flawless.sights, ...sights] }).disordered;
    // Order 18 has been seen since 1800 ms.
    expect(next(sight(2100, 2200, 18, askedAt(1850)), sight(2200, 2300, 20, askedAt(1850)))).toBe(0);
    expect(next(sight(2100, 2200, 17, askedAt(1850)), sight(2200, 2300, 20, askedAt(1850)))).toBe(1);
    const [within, after] = [sight(2200, 2300, 17, askedAt(1850)), sight(2300, 2400, 20, askedAt(1850))];
    expect(next(sight(2100, 2200, 18, askedAt(1850)), within, after)).toBe(1);
  });

  it("calls it dishonest to say live while behind by more than the transport explains", () => {
    const stuck = [sight(100, 1000, 1), sight(1000, 6000, 1), sight(6000, 6100, 20)];
    const { dishonest } = judge({ ...flawless, sights: stuck });
    // Order 2 is acknowledged after 200 ms, and may take 3 s.
    expect(dishonest).toEqual([{ at: T + 3200, forMs: 2800, behindMs: 5800 }]);
    const polled = stuck.map((one) => ({ ...one, transport: "Polling" }));
    expect(judge({ ...flawless, sights: polled }).dishonest).toEqual([]);
    // A fault that is noticed within 5 s excuses what began to be late in its time, and nothing else.
    const graces = [{ from: T + 1000, ms: 5000 }];
    expect(judge({ ...flawless, sights: stuck, graces }).dishonest).toEqual([]);
    const before = [{ from: T + 4000, ms: 5000 }];
    expect(judge({ ...flawless, sights: stuck, graces: before }).dishonest).toHaveLength(1);
    expect(judge({ ...flawless, sights: stuck, slackMs: 3000 }).dishonest).toEqual([]);
    const said = [sight(100, 1000, 1), sight(1000, 6000, 1, { word: "Delayed" }), sight(6000, 6100, 20)];
    expect(judge({ ...flawless, sights: said }).dishonest).toEqual([]);
  });

  it("counts a lie that lasts as one, and does not blame a page for the time in which it slept", () => {
    const stuck = [sight(100, 4000, 1), sight(4000, 5000, 1, { bar: "x" }), sight(5000, 5100, 20)];
    expect(judge({ ...flawless, sights: stuck }).dishonest).toHaveLength(1);
    const slept = (ms: number) => [
      sight(100, 200, 1),
      sight(9000, 9000 + ms, 1),
      sight(9000 + ms, 12_000, 20),
    ];
    expect(judge({ ...flawless, sights: slept(500) }).dishonest).toEqual([]);
    expect(judge({ ...flawless, sights: slept(1500) }).dishonest).toEqual([
      { at: T + 9000, forMs: 1500, behindMs: 10_300 },
    ]);
  });

  it("sees a page that is behind although it moves", () => {
    const late = Array.from({ length: 200 }, (_, i) => sight(10_000 + 100 * i, 10_100 + 100 * i, i + 1));
    const { dishonest } = judge({ ...flawless, acknowledged: acknowledgedUpTo(200), sights: late });
    expect(dishonest).toEqual([expect.objectContaining({ at: T + 10_000, behindMs: 9900 })]);
  });

  it("takes an empty list for what it is: nothing is shown", () => {
    const empty = { orders: [], count: null, card: null };
    expect(judge({ ...flawless, sights: [...flawless.sights, sight(2100, 2200, 20, empty)] })).toMatchObject({
      missing: 21,
      disordered: 1,
    });
    const nothing = [sight(100, 9000, 1, empty), sight(9000, 9100, 20)];
    expect(judge({ ...flawless, sights: nothing }).dishonest).toHaveLength(1);
    // A page without a list says nothing about orders.
    const elsewhere = sight(2100, 9000, 20, { ...empty, list: false });
    expect(judge({ ...flawless, sights: [...flawless.sights, elsewhere] })).toMatchObject({
      missing: 0,
      dishonest: [],
    });
  });

  it("judges neither what was there before its orders nor what has left the chart", () => {
    const orders = [{ n: 101, at: T }];
    const acknowledged = { orders, figures: orders };
    const sights = [sight(0, 100, 101, { card: 101 })];
    expect(judge({ acknowledged, sights, drawn: [50, 50, 101] })).toMatchObject({ missing: 0, doubled: 0 });
    const figures = [{ n: 10, at: T - 300_000 }, ...acknowledgedUpTo(20).figures.slice(1)];
    expect(
      judge({ ...flawless, acknowledged: { ...acknowledgedUpTo(20), figures }, drawn: [20] }).missing,
    ).toBe(0);
  });

  it("measures how long it took to notice, and to be live with everything again", () => {
    const sights = [
      sight(100, 1000, 5),
      sight(1000, 1500, 5, { word: "Reconnecting" }),
      sight(1500, 1800, 5),
      sight(1800, 2100, 20),
    ];
    const verdict = judge({ ...flawless, sights, injectedAt: T + 600, healedAt: T + 1400 });
    expect(verdict).toMatchObject({ noticeMs: 400, recoverMs: 400 });
    expect(judge({ ...flawless, injectedAt: T + 600 }).noticeMs).toBeNull();
  });
});

it("reads a chart's line against the labels of its axis", () => {
  const ticks = [
    { text: "€2K", top: 0 },
    { text: "€1,000", top: 0.5 },
    { text: "€0", top: 1 },
  ];
  expect(valuesOf([1, 0.5, 0], ticks)).toEqual([0, 1000, 2000]);
  expect(valuesOf([1], [])).toEqual([]);
  expect(readNumber("€1.5K")).toBe(1500);
});
