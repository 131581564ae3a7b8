import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compareIds,
  formatCursor,
  idMs,
  isUpdateId,
  nextId,
  parseCursor,
  ZERO_ID,
} from "@/lib/shared/cursor";

const part = fc.oneof(fc.nat(20), fc.nat(2 ** 31), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }));
const id = fc.tuple(part, part).map(([ms, seq]) => `${ms}-${seq}`);
const epoch = fc.stringMatching(/^[a-z0-9]{1,32}$/);

describe("ids", () => {
  it("[L1] are ordered as numbers, not as text", () => {
    expect(compareIds("9-0", "10-0")).toBeLessThan(0);
    expect(compareIds("10-9", "10-10")).toBeLessThan(0);
    expect(compareIds("10-10", "9-99")).toBeGreaterThan(0);
    expect(compareIds("1700000000000-0", "1700000000000-0")).toBe(0);
  });

  it("[L1] are totally ordered", () => {
    fc.assert(
      fc.property(id, id, (a, b) => {
        const [ms, seq] = a.split("-").map(BigInt) as [bigint, bigint];
        const [otherMs, otherSeq] = b.split("-").map(BigInt) as [bigint, bigint];
        const expected = ms === otherMs ? seq - otherSeq : ms - otherMs;
        expect(Math.sign(compareIds(a, b))).toBe(expected > 0n ? 1 : expected < 0n ? -1 : 0);
      }),
    );
  });

  it("[L1][L2] only grow, whatever the clock does", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(5), fc.nat()), { minLength: 1, maxLength: 50 }), (clock) => {
        const given = [ZERO_ID];
        for (const now of clock) given.push(nextId(given.at(-1)!, now));
        for (let i = 1; i < given.length; i++) {
          expect(isUpdateId(given[i]!)).toBe(true);
          expect(compareIds(given[i]!, given[i - 1]!)).toBeGreaterThan(0);
        }
        // It never runs ahead of what the clock has shown at most.
        expect(idMs(given.at(-1)!)).toBe(Math.max(...clock));
      }),
    );
  });

  it("[L2] go on from the last one when the clock steps back or stands still", () => {
    expect(nextId("500-0", 400)).toBe("500-1");
    expect(nextId("500-9", 500)).toBe("500-10");
    expect(nextId("500-9", 501)).toBe("501-0");
  });
});

describe("cursors", () => {
  it("[L4] are taken apart into what they were made of", () => {
    fc.assert(
      fc.property(epoch, id, (epoch, id) => {
        expect(parseCursor(formatCursor(epoch, id))).toEqual({ epoch, id });
      }),
    );
  });

  it("[L4] are safe in a URL, a header and an ETag", () => {
    fc.assert(
      fc.property(epoch, id, (epoch, id) => {
        const cursor = formatCursor(epoch, id);
        expect(encodeURIComponent(cursor)).toBe(cursor);
        expect(cursor).toMatch(/^[\x21\x23-\x7e]+$/);
      }),
    );
  });

  it.each([
    ["", "nothing"],
    ["abc", "no id"],
    ["abc.", "an empty id"],
    [".1-0", "no epoch"],
    ["abc.1", "half an id"],
    ["abc.1-", "no place"],
    ["abc.01-0", "a leading zero: one position has one spelling"],
    ["abc.1-00", "a leading zero in the place"],
    ["abc.-1-0", "a sign"],
    ["abc.1e3-0", "an exponent"],
    ["abc.1.5-0", "a fraction"],
    ["ABC.1-0", "capitals"],
    [`${"a".repeat(33)}.1-0`, "an epoch that is too long"],
    ["abc.12345678901234567-0", "more digits than a number holds"],
    [" abc.1-0", "a blank"],
    ["abc.1-0\n", "a line feed"],
    ["abc.1-0,abc.2-0", "two"],
    ["a b.1-0", "a blank in the epoch"],
    ["abc.١-0", "digits of another script"],
  ])("[L4] refuses %j: %s", (text) => {
    expect(parseCursor(text)).toBeUndefined();
  });

  it.each([null, undefined, 7, {}, ["abc.1-0"]])("[L4] refuses %j, which is no text", (value) => {
    expect(parseCursor(value)).toBeUndefined();
  });
});
