import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chooseWindow, FlushWindow } from "@/lib/server/hub/flush-window";

const WINDOWS = [16, 33, 50, 100];
const stats = fc.record({
  slotsPerSecond: fc.double({ min: 0, max: 62.5, noNaN: true }),
  framesPerFlush: fc.double({ min: 0, max: 20_000, noNaN: true }),
  frameMs: fc.double({ min: 0, max: 0.2, noNaN: true }),
});

/** Share of a core that writing takes with a window, apart from what large frames cost for their size. */
function share(
  { slotsPerSecond, framesPerFlush, frameMs }: Parameters<typeof chooseWindow>[0],
  window: number,
) {
  return (Math.min(slotsPerSecond, 1000 / window) * framesPerFlush * Math.min(frameMs, 0.02)) / 1000;
}

describe("the choice of a window", () => {
  it.each([
    ["nothing happens", 0, 0, 0, 16],
    ["few viewers", 60, 10, 0.02, 16],
    // 60 × 1000 × 15 µs is 90 % of a core; the widest window brings it to 15 %.
    ["a busy page of a thousand viewers", 60, 1000, 0.015, 100],
    ["a page that a third of the flushes suffices for", 60, 200, 0.015, 33],
    ["half of that", 60, 300, 0.015, 50],
    // 60 × 200 × 100 µs, most of it for bytes, which no window makes fewer.
    ["large frames for some", 60, 200, 0.1, 50],
    ["large frames for few", 60, 80, 0.1, 16],
    // Ten commits a second cannot be merged by a window of 100 ms or less: widening would only delay.
    ["the widest window would save next to nothing", 10.3, 10_000, 0.015, 16],
    ["a channel that ticks ten times a second for a crowd", 10, 10_000, 0.015, 16],
  ])("[H2] when %s", (_, slotsPerSecond, framesPerFlush, frameMs, expected) => {
    expect(chooseWindow({ slotsPerSecond, framesPerFlush, frameMs })).toBe(expected);
  });

  it("[H2] is the narrowest that keeps writing within a tenth of a core", () => {
    fc.assert(
      fc.property(stats, (load) => {
        const chosen = chooseWindow(load);
        expect(WINDOWS).toContain(chosen);
        const fitting = WINDOWS.filter((window) => share(load, window) <= 0.1);
        if (fitting.length > 0) expect(chosen).toBe(fitting[0]);
      }),
    );
  });

  it("[H2] never delays without a saving: a wider window than the narrowest costs less", () => {
    fc.assert(
      fc.property(stats, (load) => {
        const chosen = chooseWindow(load);
        for (const narrower of WINDOWS.filter((window) => window < chosen))
          expect(share(load, chosen)).toBeLessThan(share(load, narrower));
        // And what is left out would have saved next to nothing.
        for (const window of WINDOWS)
          if (share(load, chosen) > 0.1)
            expect(share(load, chosen)).toBeLessThanOrEqual(share(load, window) * 1.05 + 1e-9);
      }),
    );
  });
});

describe("a flush window", () => {
  /** `seconds` of commits `perSecond` times a second, each flushed at once. */
  function run(
    window: FlushWindow,
    from: number,
    seconds: number,
    perSecond: number,
    frames: number,
    ms: number,
  ) {
    for (let i = 0; i < seconds * perSecond; i++) {
      const now = from + (i * 1000) / perSecond;
      window.committed(now);
      window.flushed(now, frames, ms);
    }
    return from + seconds * 1000;
  }

  it("[H2] starts narrow, widens within two seconds of load, and is narrow again after it", () => {
    const window = new FlushWindow();
    expect(window.current).toBe(16);
    let now = run(window, 5000, 2.1, 50, 1000, 15);
    expect(window.current).toBe(100);
    now = run(window, now, 2.1, 5, 10, 0.1);
    expect(window.current).toBe(16);
  });

  it("[H2] counts commits within 16 ms as one: they would share a frame anyway", () => {
    const window = new FlushWindow();
    for (let second = 0; second < 3; second++) {
      for (let i = 0; i < 500; i++) window.committed(5000 + second * 1000 + i / 100);
      window.flushed(5000 + second * 1000 + 16, 10_000, 150);
    }
    // One slot a second at 150 ms each is over the budget, but nothing could be merged.
    expect(window.current).toBe(16);
  });

  it("[H2] counts what a frame costs after it was written: 6 µs in the flush are over ten in all", () => {
    const window = new FlushWindow();
    // 500 frames 20 times a second: 6 % of a core in the flush.
    run(window, 5000, 3, 80, 500, 3);
    expect(window.current).toBe(100);
  });

  it("[H2] does not widen for flushes that wrote nothing", () => {
    const window = new FlushWindow();
    run(window, 5000, 3, 60, 0, 0.01);
    expect(window.current).toBe(16);
  });
});
