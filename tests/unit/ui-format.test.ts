import { describe, expect, it } from "vitest";
import {
  formatAge,
  formatChange,
  formatInline,
  formatTick,
  formatTime,
  formatValue,
} from "@/lib/shared/format";

const nbsp = "\u00a0";

describe("formatValue", () => {
  it("writes a value and its unit apart, and says which comes first", () => {
    expect(formatValue(42.26, { unit: "percent" }, "en-US")).toMatchObject({ text: "42.3", unit: "%" });
    expect(formatValue(12.5, { unit: "currency", currency: "USD" }, "en-US")).toEqual({
      text: "12.50",
      unit: "$",
      unitFirst: true,
      exact: "$12.50",
    });
    expect(formatValue(12.5, { unit: "currency", currency: "EUR" }, "de-DE")).toEqual({
      text: "12,50",
      unit: "€",
      exact: `12,50${nbsp}€`,
    });
  });

  it("is compact from 10,000 on and keeps the exact value", () => {
    expect(formatValue(9999, { unit: "count" }, "en-US").text).toBe("9,999");
    const large = formatValue(12_345, { unit: "count" }, "en-US");
    expect(large).toEqual({ text: "12.3K", exact: "12,345" });
    expect(formatValue(1_204_000.5, { unit: "currency", currency: "USD" }, "en-US")).toMatchObject({
      text: "1.20M",
      unit: "$",
      exact: "$1,204,000.50",
    });
  });

  it("scales bytes and long times to a readable unit", () => {
    expect(formatInline(0, { unit: "bytes" }, "en-US")).toBe(`0${nbsp}B`);
    expect(formatInline(999, { unit: "bytes" }, "en-US")).toBe(`999${nbsp}B`);
    expect(formatInline(1000, { unit: "bytes" }, "en-US")).toBe(`1.00${nbsp}kB`);
    expect(formatInline(16_500_000_000, { unit: "bytes" }, "en-US")).toBe(`16.5${nbsp}GB`);
    expect(formatInline(1_250_000, { unit: "bytesPerSecond" }, "de-DE")).toBe(`1,25${nbsp}MB/s`);
    expect(formatInline(3.1234, { unit: "milliseconds" }, "en-US")).toBe(`3.1${nbsp}ms`);
    expect(formatInline(12_340, { unit: "milliseconds" }, "en-US")).toBe(`12.3${nbsp}s`);
    expect(formatInline(8.254, { unit: "perSecond" }, "en-US")).toBe("8.25/s");
  });

  it("keeps about three figures, so that a moving number does not change its width", () => {
    for (const value of [9.99, 10, 99.9, 100])
      expect(formatValue(value, { unit: "perSecond" }, "en-US").text.replace(/\D/g, "")).toHaveLength(3);
  });

  it("obeys the metric's digits", () => {
    expect(formatValue(0.5, { unit: "none", digits: 2 }, "en-US").text).toBe("0.50");
    expect(formatValue(1234.6, { unit: "currency", currency: "EUR", digits: 0 }, "en-US").text).toBe("1,235");
  });

  it("reads a missing or impossible number as a dash", () => {
    for (const value of [null, undefined, Number.NaN, Number.POSITIVE_INFINITY])
      expect(formatValue(value, { unit: "count" }, "en-US")).toEqual({ text: "–", exact: "no value" });
  });
});

it("formatTick writes short axis labels without trailing zeros", () => {
  const tick = (
    value: number,
    unit: "percent" | "bytes" | "currency" | "perSecond" | "milliseconds" | "none",
  ) => formatTick(value, { unit, currency: "EUR" }, "en-US");
  expect([tick(25, "percent"), tick(2.5, "percent"), tick(0, "bytes"), tick(2_500_000, "bytes")]).toEqual([
    "25%",
    "2.5%",
    "0B",
    "2.5MB",
  ]);
  expect([tick(1500, "currency"), tick(20_000, "currency"), tick(0.5, "perSecond")]).toEqual([
    "€1,500",
    "€20K",
    "0.5/s",
  ]);
  expect([tick(250, "milliseconds"), tick(0.25, "none")]).toEqual(["250ms", "0.25"]);
  const euros = (value: number, step: number) =>
    formatTick(value, { unit: "currency", currency: "EUR" }, "en-US", step);
  expect([euros(161_500, 500), euros(162_000, 500), euros(0, 500), euros(50, 50)]).toEqual([
    "€161.5K",
    "€162K",
    "€0",
    "€50",
  ]);
  expect(formatTick(1.25, { unit: "percent" }, "en-US", 0.25)).toBe("1.25%");
  expect(formatTick(2_002_000_000, { unit: "bytes" }, "en-US", 1_000_000)).toBe("2.002GB");
});

describe("formatTime", () => {
  const noon = Date.UTC(2026, 2, 29, 12, 3, 41);

  it("shows one instant in each zone and says UTC", () => {
    expect(formatTime(noon, { locale: "en-GB", timeZone: "UTC" })).toBe(`12:03:41${nbsp}UTC`);
    expect(formatTime(noon, { locale: "en-GB", timeZone: "Europe/Berlin" })).toBe("14:03:41");
    expect(formatTime(noon, { locale: "en-US", timeZone: "America/New_York" })).toBe(`08:03:41${nbsp}AM`);
  });

  it("gives a distant time its date", () => {
    const place = { locale: "en-GB", timeZone: "Europe/Berlin" };
    expect(formatTime(noon, place, noon + 3_600_000)).toBe("14:03:41");
    expect(formatTime(noon, place, noon + 20 * 3_600_000)).toMatch(/^29\sMar.*14:03:41$/);
  });
});

it("formatAge writes the largest unit, rounded down", () => {
  expect([-5, 999, 41_000, 125_000, 3 * 3_600_000, 50 * 3_600_000].map((ms) => formatAge(ms))).toEqual(
    ["0 s", "0 s", "41 s", "2 min", "3 h", "2 d"].map((text) => text.replace(" ", nbsp)),
  );
});

describe("formatChange", () => {
  it("is relative, but in points between percentages", () => {
    expect(formatChange(104.2, 100, { unit: "count" }, "en-US")).toEqual({
      direction: "up",
      text: `4.2${nbsp}%`,
    });
    expect(formatChange(95, 100, { unit: "count" }, "de-DE")).toEqual({
      direction: "down",
      text: `5,0${nbsp}%`,
    });
    expect(formatChange(41.5, 40, { unit: "percent" }, "en-US")).toEqual({
      direction: "up",
      text: `1.5${nbsp}pts`,
    });
  });

  it("is absolute from zero, flat when it does not show, capped, and absent without a reference", () => {
    expect(formatChange(12, 0, { unit: "count" }, "en-US")).toEqual({ direction: "up", text: "12" });
    expect(formatChange(0, 0, { unit: "count" }, "en-US")?.direction).toBe("flat");
    expect(formatChange(100.01, 100, { unit: "count" }, "en-US")?.direction).toBe("flat");
    expect(formatChange(5000, 1, { unit: "count" }, "en-US")?.text).toBe(`>${nbsp}999${nbsp}%`);
    expect(formatChange(5, undefined, { unit: "count" }, "en-US")).toBeUndefined();
    expect(formatChange(null, 4, { unit: "count" }, "en-US")).toBeUndefined();
  });
});
