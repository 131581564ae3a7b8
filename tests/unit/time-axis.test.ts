import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clockTicks, liveTicks, offsetOf } from "@/components/charts/time-axis";
import { changedInstant, fromWall, toWall } from "@/components/time/wall-time";
import { WINDOWS } from "@/lib/shared/time-range";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const berlin = { locale: "en-GB", timeZone: "Europe/Berlin" };
const utc = { locale: "en-GB", timeZone: "UTC" };
const labels = (from: string, to: string, place: typeof berlin, most?: number) =>
  clockTicks({ from: Date.parse(from), to: Date.parse(to) }, place, most).map(({ label }) =>
    label.replaceAll("\u00a0", " "),
  );

describe("a live axis", () => {
  it("counts back from now in one unit, evenly", () => {
    expect(liveTicks(WINDOWS[1]).map(({ label }) => label.replaceAll("\u00a0", " "))).toEqual([
      "−5 min",
      "−4 min",
      "−3 min",
      "−2 min",
      "−1 min",
      "now",
    ]);
    for (const window of WINDOWS) {
      const ticks = liveTicks(window);
      expect([ticks[0]!.place, ticks.at(-1)!.place, ticks.at(-1)!.label]).toEqual([0, 1, "now"]);
      expect(ticks.every(({ label }) => /^(\u2212\d+\u00a0(s|min|h|d)|now)$/.test(label))).toBe(true);
    }
  });
});

describe("an axis of clock times", () => {
  it("has round times of the viewer's clock", () => {
    expect(labels("2026-01-10T10:07:00Z", "2026-01-10T11:07:00Z", berlin)).toEqual([
      "11:10",
      "11:20",
      "11:30",
      "11:40",
      "11:50",
      "12:00",
    ]);
    expect(labels("2026-01-10T10:00:00Z", "2026-01-10T10:00:10Z", utc)).toEqual([
      "10:00:00",
      "10:00:02",
      "10:00:04",
      "10:00:06",
      "10:00:08",
      "10:00:10",
    ]);
    expect(
      labels("2026-01-10T18:00:00Z", "2026-01-11T18:00:00Z", { locale: "en-GB", timeZone: "Asia/Kolkata" }),
    ).toEqual(["11 Jan", "06:00", "12:00", "18:00"]);
  });

  it("[A5] leaves out the hour that the clock skips, and names both of the one that comes twice", () => {
    const spring = labels("2026-03-28T23:00:00Z", "2026-03-29T03:00:00Z", berlin, 6);
    expect(spring).toEqual(["00:00 GMT+1", "01:00 GMT+1", "03:00 GMT+2", "04:00 GMT+2", "05:00 GMT+2"]);
    const autumn = labels("2026-10-24T22:00:00Z", "2026-10-25T03:00:00Z", berlin, 6);
    expect(autumn).toEqual([
      "00:00 GMT+2",
      "01:00 GMT+2",
      "02:00 GMT+2",
      "02:00 GMT+1",
      "03:00 GMT+1",
      "04:00 GMT+1",
    ]);
  });

  it("[A5] begins each day where the viewer's does, on days of 23 and 25 hours too", () => {
    const days = clockTicks(
      { from: Date.parse("2026-10-22T22:00:00Z"), to: Date.parse("2026-10-27T23:00:00Z") },
      berlin,
    );
    const hours = days.map(({ place }) => (place * (5 * DAY + HOUR)) / HOUR);
    expect(hours.map((hour) => Math.round(hour))).toEqual([0, 24, 48, 73, 97, 121]);
    expect(days.map(({ label }) => label)).toEqual([
      "23 Oct",
      "24 Oct",
      "25 Oct",
      "26 Oct",
      "27 Oct",
      "28 Oct",
    ]);
  });

  it("has few labels, in order, all inside, whatever the span and the zone", () => {
    const zones = ["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"];
    fc.assert(
      fc.property(
        fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2030, 0) }),
        fc.integer({ min: 5000, max: 731 * DAY }),
        fc.constantFrom(...zones),
        (from, width, timeZone) => {
          const ticks = clockTicks({ from, to: from + width }, { locale: "en", timeZone });
          // A change of the clock may put one label more on it.
          expect(ticks.length).toBeLessThanOrEqual(8);
          for (const [i, { place }] of ticks.entries()) {
            expect(place).toBeGreaterThanOrEqual(0);
            expect(place).toBeLessThanOrEqual(1);
            if (i > 0) expect(place).toBeGreaterThan(ticks[i - 1]!.place);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("a wall clock's time", () => {
  it("[A5] keeps its instant in an hour that comes twice, as long as nothing is changed", () => {
    const second = Date.parse("2026-10-25T01:30:00.250Z");
    const text = toWall(second, "Europe/Berlin");
    expect(changedInstant(text, second, "Europe/Berlin")).toBe(second);
    expect(changedInstant("2026-10-25T02:31:00", second, "Europe/Berlin")).toBe(
      Date.parse("2026-10-25T00:31:00Z"),
    );
    expect(changedInstant("soon", second, "Europe/Berlin")).toBeUndefined();
    // A browser leaves out seconds that are zero.
    const whole = Date.parse("2026-10-25T01:30:00Z");
    expect(changedInstant("2026-10-25T02:30", whole, "Europe/Berlin")).toBe(whole);
  });

  it("[A5] is one instant in each zone", () => {
    expect(fromWall("2026-07-01T12:00", "Europe/Berlin")).toBe(Date.parse("2026-07-01T10:00:00Z"));
    expect(fromWall("2026-07-01T12:00:30", "America/New_York")).toBe(Date.parse("2026-07-01T16:00:30Z"));
    expect(fromWall("12:00", "UTC")).toBeUndefined();
    expect(offsetOf(Date.parse("2026-07-01T00:00:00Z"), "Asia/Kolkata")).toBe(5.5 * HOUR);
  });

  it("[A5] that comes twice is the earlier one, and one that is skipped lies after the change", () => {
    expect(fromWall("2026-10-25T02:30", "Europe/Berlin")).toBe(Date.parse("2026-10-25T00:30:00Z"));
    expect(fromWall("2026-03-29T02:30", "Europe/Berlin")).toBe(Date.parse("2026-03-29T01:30:00Z"));
  });

  it("comes back as it went, except for the second of two", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: Date.UTC(2020, 0) / 1000, max: Date.UTC(2030, 0) / 1000 }),
        fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"),
        (seconds, zone) => {
          const there = toWall(seconds * 1000, zone);
          const back = fromWall(there, zone)!;
          expect(toWall(back, zone)).toBe(there);
          expect(seconds * 1000 - back).toBeLessThanOrEqual(HOUR);
          expect(seconds * 1000 - back).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });
});
