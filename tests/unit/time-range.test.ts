import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compareShift,
  DEFAULT_RANGE,
  MAX_SPAN_MS,
  MIN_SPAN_MS,
  parseRange,
  rangeQuery,
  spanAt,
  type TimeRange,
  WINDOWS,
  widened,
  writeRange,
} from "@/lib/shared/time-range";

const parse = (query: string) => parseRange(new URLSearchParams(query));

describe("a time range in the URL", () => {
  it("[A5] is read as it was written, whatever it is", () => {
    const fixed = fc
      .tuple(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: MIN_SPAN_MS, max: MAX_SPAN_MS }))
      .map(([from, width]) => ({ from, to: from + width }));
    const range = fc.record(
      {
        window: fc.constantFrom(...WINDOWS),
        utc: fc.boolean(),
        fixed,
        compare: fc.constantFrom("previous" as const, "week" as const),
      },
      { requiredKeys: ["window", "utc"] },
    );
    fc.assert(
      fc.property(range, (given: TimeRange) => {
        const query = writeRange(new URLSearchParams("regions.sort=-orders"), given);
        expect(parseRange(query)).toEqual(given);
        expect(query.get("regions.sort")).toBe("-orders");
      }),
    );
  });

  it("leaves out the default, and carries nothing else to another page", () => {
    expect(writeRange(new URLSearchParams(), DEFAULT_RANGE).toString()).toBe("");
    expect(rangeQuery(new URLSearchParams("regions.sort=x"))).toBe("");
    expect(rangeQuery(new URLSearchParams("window=1h&regions.sort=x&tz=utc"))).toBe("?window=1h&tz=utc");
  });

  it("takes instants with a zone, and leaves out what is no range", () => {
    expect(parse("from=2026-11-25T10:00:00Z&to=2026-11-25T12:00:00%2B01:00").fixed).toEqual({
      from: Date.parse("2026-11-25T10:00:00Z"),
      to: Date.parse("2026-11-25T11:00:00Z"),
    });
    for (const broken of [
      "from=2026-11-25T10:00:00Z",
      "from=2026-11-25T10:00:00&to=2026-11-25T11:00:00",
      "from=2026-11-25T10:00:00Z&to=2026-11-25T10:00:01Z",
      "from=2026-11-25T10:00:00Z&to=2026-11-25T09:00:00Z",
      "from=1900-01-01T00:00:00Z&to=2026-11-25T09:00:00Z",
      "from=2026-13-25T10:00:00Z&to=2026-11-25T09:00:00Z",
      "window=2h&compare=year&tz=Mars",
    ])
      expect(parse(broken), broken).toEqual(DEFAULT_RANGE);
  });
});

it("slides with now, or stands still", () => {
  expect(spanAt(parse("window=1m"), 100_000)).toEqual({ from: 40_000, to: 100_000 });
  const fixed = { from: 1000, to: 9000 };
  expect(spanAt({ ...DEFAULT_RANGE, fixed }, 100_000)).toEqual(fixed);
});

it("is compared with as long a time before it, or with a week earlier", () => {
  expect(compareShift(parse("window=1h&compare=previous"))).toBe(3_600_000);
  expect(compareShift({ ...parse("compare=previous"), fixed: { from: 0, to: 7000 } })).toBe(7000);
  expect(compareShift(parse("compare=week"))).toBe(7 * 86_400_000);
  expect(compareShift(parse(""))).toBeUndefined();
});

it("is never zoomed to less than can be shown", () => {
  const { from, to } = widened({ from: 10_000.4, to: 10_001.2 });
  expect(to - from).toBeGreaterThanOrEqual(MIN_SPAN_MS);
  expect([Number.isInteger(from), Number.isInteger(to)]).toEqual([true, true]);
});
