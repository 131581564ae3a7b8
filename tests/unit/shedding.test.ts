import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NOT_SHEDDING, SHED_LIMITS, shed, smoothDelay } from "@/lib/server/http/shedding";

const CALM = { delayMs: 0, memory: 0.3 };

describe("shedding", () => {
  it("[H4] begins when the memory or the event loop's delay says so, and names which", () => {
    expect(shed(NOT_SHEDDING, { ...CALM, memory: 0.849 }, 1)).toBe(NOT_SHEDDING);
    expect(shed(NOT_SHEDDING, { ...CALM, memory: 0.85 }, 1)).toEqual({
      on: true,
      since: 1,
      reason: "memory",
    });
    expect(shed(NOT_SHEDDING, { ...CALM, delayMs: 499 }, 1)).toBe(NOT_SHEDDING);
    expect(shed(NOT_SHEDDING, { ...CALM, delayMs: 500 }, 1)).toEqual({ on: true, since: 1, reason: "delay" });
  });

  it("[H4] goes on until both are well below, and for two seconds at least", () => {
    const on = { on: true, since: 0, reason: "memory" } as const;
    expect(shed(on, { ...CALM, memory: 0.71 }, 60_000)).toBe(on);
    expect(shed(on, { ...CALM, delayMs: 151 }, 60_000)).toBe(on);
    expect(shed(on, CALM, 1999)).toBe(on);
    expect(shed(on, CALM, 2000)).toEqual({ on: false, since: 2000 });
  });

  it("[H4] does not flap, however the load moves", () => {
    const load = fc.record({ delayMs: fc.nat(1000), memory: fc.double({ min: 0, max: 1, noNaN: true }) });
    fc.assert(
      fc.property(fc.array(load), (loads) => {
        let state = NOT_SHEDDING;
        let changes = 0;
        loads.forEach((next, n) => {
          const before = state;
          state = shed(state, next, n * 250);
          if (before.on === state.on) return;
          changes += 1;
          if (!state.on) {
            expect(next.memory).toBeLessThanOrEqual(SHED_LIMITS.memory.until);
            expect(next.delayMs).toBeLessThanOrEqual(SHED_LIMITS.delayMs.until);
          }
        });
        expect(changes).toBeLessThanOrEqual(2 * Math.ceil((loads.length * 250) / SHED_LIMITS.leastMs) + 2);
      }),
    );
  });
});

describe("the event loop's delay", () => {
  /** The delay after pauses of so many ms, each with a look at the clock after it. */
  const delayAfter = (pauses: number[], start = 0) =>
    pauses.reduce((delay, late) => smoothDelay(delay, late, 250 + late), start);

  it("[H4] passes over a single pause, as a page's first rendering is", () => {
    expect(delayAfter([1700])).toBeLessThan(SHED_LIMITS.delayMs.from);
    expect(delayAfter([300, 0, 0, 600, 0, 400])).toBeLessThan(SHED_LIMITS.delayMs.from);
  });

  it("[H4] is told by pause upon pause, and by a long stall", () => {
    expect(delayAfter(Array(4).fill(1000))).toBeGreaterThan(SHED_LIMITS.delayMs.from);
    expect(delayAfter(Array(12).fill(600))).toBeGreaterThan(SHED_LIMITS.delayMs.from);
    expect(delayAfter(Array(100).fill(400))).toBeLessThan(SHED_LIMITS.delayMs.from);
    expect(delayAfter([10_000])).toBeGreaterThan(SHED_LIMITS.delayMs.from);
  });

  it("[H4] is forgotten within three seconds, however long the stall was", () => {
    expect(delayAfter(Array(12).fill(0), delayAfter([600_000]))).toBeLessThan(SHED_LIMITS.delayMs.until);
  });
});
