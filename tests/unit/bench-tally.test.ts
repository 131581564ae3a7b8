import { describe, expect, it } from "vitest";
import { Latencies } from "../bench/latencies";
import { Tally } from "../bench/tally";

const NOTHING = { missed: 0, doubled: 0, disordered: 0 };

function tallyOf(numbers: number[]): Tally {
  const tally = new Tally();
  for (const number of numbers) tally.see("a", number);
  return tally;
}

describe("a viewer's tally", () => {
  it("finds nothing wrong with numbers in order, wherever they begin", () => {
    expect(tallyOf([7, 8, 9]).counts({ a: 9 })).toEqual(NOTHING);
  });

  it("counts what is left out, in between and at the end", () => {
    expect(tallyOf([1, 2, 5]).counts({ a: 7 })).toEqual({ ...NOTHING, missed: 4 });
  });

  it("counts a channel that never came", () => {
    expect(tallyOf([1]).counts({ a: 1, b: 3 })).toEqual({ ...NOTHING, missed: 3 });
  });

  it("counts what comes again", () => {
    expect(tallyOf([1, 2, 2, 1]).counts({ a: 2 })).toEqual({ ...NOTHING, doubled: 2 });
  });

  it("tells what comes late from what comes again", () => {
    expect(tallyOf([1, 3, 2, 2]).counts({ a: 3 })).toEqual({ missed: 0, doubled: 1, disordered: 1 });
  });

  it("begins at a first snapshot, and counts what a later one jumps over", () => {
    const tally = new Tally();
    tally.skipTo("a", 4);
    tally.see("a", 5);
    expect(tally.counts({ a: 5 })).toEqual(NOTHING);
    tally.skipTo("a", 8);
    expect(tally.counts({ a: 8 })).toEqual({ ...NOTHING, missed: 3 });
  });

  it("notices that nothing followed on a first snapshot", () => {
    const tally = new Tally();
    tally.skipTo("a", 0);
    tally.see("a", 2);
    expect(tally.counts({ a: 2 })).toEqual({ ...NOTHING, missed: 1 });
  });

  it("has reached numbers only with all channels", () => {
    const tally = tallyOf([1, 2]);
    expect(tally.hasReached({ a: 2 })).toBe(true);
    expect(tally.hasReached({ a: 3 })).toBe(false);
    expect(tally.hasReached({ a: 2, b: 1 })).toBe(false);
  });
});

describe("latencies", () => {
  it("give the time within which a share arrived", () => {
    const latencies = new Latencies();
    for (let ms = 1; ms <= 100; ms++) latencies.add(ms);
    expect(latencies.percentile(0.5)).toBe(50);
    expect(latencies.percentile(0.99)).toBe(99);
    expect(latencies.percentile(1)).toBe(100);
  });

  it("of several processes add up", () => {
    const [a, b] = [new Latencies(), new Latencies()];
    a.add(1);
    b.add(1);
    b.add(30.04);
    a.merge(JSON.parse(JSON.stringify(b.counts)));
    expect(a.percentile(0.6)).toBe(1);
    expect(a.percentile(0.99)).toBe(30.1);
  });

  it("are unknown when nothing arrived", () => {
    expect(new Latencies().percentile(0.99)).toBeNull();
  });
});
