import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Entry, Ring } from "@/lib/server/hub/ring";
import { compareIds } from "@/lib/shared/cursor";

const FLOOR = "5-3";
const CHANNELS = ["a", "b", "c"];
const entry = (id: string, ch = "a", bytes = 10): Entry => ({ update: { id, ch }, bytes });

/** Entries with ids that grow, some in one ms, and a ring that has been given them. */
const filled = fc
  .record({
    entries: fc.integer({ min: 1, max: 12 }),
    bytes: fc.integer({ min: 1, max: 120 }),
    pushes: fc.array(fc.tuple(fc.nat(2), fc.constantFrom(...CHANNELS), fc.integer({ min: 1, max: 30 })), {
      maxLength: 40,
    }),
  })
  .map(({ pushes, ...limits }) => {
    const ring = new Ring(FLOOR, limits);
    let [ms, seq] = [5, 3];
    const all = pushes.map(([step, ch, bytes]) => {
      [ms, seq] = step === 0 ? [ms, seq + 1] : [ms + step, 0];
      return entry(`${ms}-${seq}`, ch, bytes);
    });
    for (const each of all) ring.push(each);
    return { ring, limits, all };
  });

/** What the ring should still hold: the longest tail within the limits. */
function kept(all: Entry[], limits: { entries: number; bytes: number }): Entry[] {
  let bytes = 0;
  let start = all.length;
  while (start > 0 && all.length - start < limits.entries && bytes + all[start - 1]!.bytes <= limits.bytes)
    bytes += all[--start]!.bytes;
  return all.slice(start);
}

describe("the ring", () => {
  it("[H1] holds the newest entries within its limits, and knows from where on it is complete", () => {
    fc.assert(
      fc.property(filled, ({ ring, limits, all }) => {
        const rest = kept(all, limits);
        const dropped = all.slice(0, all.length - rest.length);
        expect(ring.floor).toBe(dropped.at(-1)?.update.id ?? FLOOR);
        const place = ring.locate(ring.floor);
        expect(ring.read(place as number, "999-0", new Set(CHANNELS), 1e9).entries).toEqual(rest);
      }),
    );
  });

  it("[L5][H1] finds where to read on, and tells what it dropped from what was never there", () => {
    fc.assert(
      fc.property(filled, fc.nat(60), fc.nat(4), ({ ring, limits, all }, ms, seq) => {
        const id = `${ms}-${seq}`;
        const place = ring.locate(id);
        if (compareIds(id, ring.floor) < 0) expect(place).toBe("older");
        else if (id !== ring.floor && !all.some(({ update }) => update.id === id))
          expect(place).toBe("unknown");
        else {
          const after = kept(all, limits).filter(({ update }) => compareIds(update.id, id) > 0);
          expect(ring.read(place as number, "999-0", new Set(CHANNELS), 1e9).entries).toEqual(after);
        }
      }),
    );
  });

  it("[H1] reads any part of any channels as a filter of the whole would", () => {
    const asked = fc.record({
      from: fc.nat(),
      end: fc.nat(),
      channels: fc.subarray(CHANNELS),
      maxBytes: fc.integer({ min: 1, max: 200 }),
    });
    fc.assert(
      fc.property(filled, asked, ({ ring, limits, all }, { from, end, channels, maxBytes }) => {
        const ids = [ring.floor, ...kept(all, limits).map(({ update }) => update.id)];
        const [after, until] = [ids[from % ids.length]!, ids[end % ids.length]!];
        const read = ring.read(ring.locate(after) as number, until, new Set(channels), maxBytes);
        const inRange = kept(all, limits).filter(
          ({ update }) => compareIds(update.id, after) > 0 && compareIds(update.id, until) <= 0,
        );
        const wanted = inRange.filter(({ update }) => channels.includes(update.ch));
        expect(read.entries).toEqual(wanted.slice(0, read.entries.length));
        expect(read.complete).toBe(read.entries.length === wanted.length);
        expect(read.bytes).toBe(read.entries.reduce((sum, { bytes }) => sum + bytes, 0));
        // A part is never over its size, but for one entry that alone is; nor does it stop too early.
        if (read.entries.length > 1) expect(read.bytes).toBeLessThanOrEqual(maxBytes);
        const next = wanted[read.entries.length];
        if (next) expect(read.bytes + next.bytes).toBeGreaterThan(maxBytes);
        // Everything of these channels up to `to` has been given, and nothing past it.
        const to = read.complete ? inRange.at(-1)?.update.id : read.to;
        expect(read.to).toBe(to);
        const upTo = wanted.filter(({ update }) => to !== undefined && compareIds(update.id, to) <= 0);
        expect(read.entries).toEqual(upTo);
      }),
      { numRuns: 500 },
    );
  });

  it("[H3] stays within its limits however much passes through it, and finds its place throughout", () => {
    const ring = new Ring("0-0", { entries: 1500, bytes: 1e9 });
    for (let ms = 1; ms <= 20_000; ms++) {
      ring.push(entry(`${ms}-0`));
      if (ms % 997 !== 0) continue;
      const middle = Math.max(1, ms - 700);
      const { entries } = ring.read(ring.locate(`${middle}-0`) as number, `${ms}-0`, new Set(["a"]), 1e9);
      expect(entries.map(({ update }) => update.id)).toEqual(
        Array.from({ length: ms - middle }, (_, i) => `${middle + 1 + i}-0`),
      );
      expect(ring.floor).toBe(`${Math.max(0, ms - 1500)}-0`);
    }
  });

  it("[H1] keeps nothing that is larger than all of it, and is still complete from its floor on", () => {
    const ring = new Ring("0-0", { entries: 10, bytes: 50 });
    ring.push(entry("1-0"));
    ring.push(entry("2-0", "a", 51));
    expect(ring.floor).toBe("2-0");
    expect(ring.locate("1-0")).toBe("older");
    ring.push(entry("3-0"));
    expect(ring.read(ring.locate("2-0") as number, "3-0", new Set(["a"]), 1e9).entries).toEqual([
      entry("3-0"),
    ]);
  });
});
