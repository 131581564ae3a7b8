import fc from "fast-check";
import { idMs, nextId, ZERO_ID } from "@/lib/shared/cursor";
import type { Change, Update } from "@/lib/shared/state";

const value = fc.option(fc.integer({ min: -5, max: 5 }));
const cell = fc.oneof(fc.string({ maxLength: 3 }), fc.integer({ min: 0, max: 9 }), fc.constant(null));
const row = fc.dictionary(fc.constantFrom("left", "note", "sold"), cell);

const changes: Record<string, fc.Arbitrary<Change>> = {
  gauges: fc.record({ set: fc.dictionary(fc.constantFrom("a", "b", "c"), value) }),
  stock: fc.record({ rows: fc.dictionary(fc.constantFrom("p", "q", "r", "s"), fc.option(row)) }),
  visits: fc.record({ items: fc.array(row, { maxLength: 4 }) }),
};

const START = 1_000_000;

/** What happens next: the clock moves (also back), and a channel is told something, perhaps of another time. */
const step = (channels: readonly string[]) =>
  fc.record({
    clock: fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 0, max: 50 }) },
      { weight: 1, arbitrary: fc.integer({ min: -500, max: -1 }) },
    ),
    ts: fc.option(fc.integer({ min: -200, max: 60 }), { nil: undefined }),
    down: fc.option(fc.constant("no answer"), { nil: undefined, freq: 8 }),
    change: fc.oneof(...channels.map((ch) => changes[ch]!.map((change) => ({ ch, ...change })))),
  });

/** A run of a log: ids as an engine gives them, with commit and source times as F1 writes them. */
export function updateRun(channels = Object.keys(changes), maxLength = 30): fc.Arbitrary<Update[]> {
  return fc.array(step(channels), { maxLength }).map((steps) => {
    let now = START;
    let id = ZERO_ID;
    return steps.map(({ clock, ts, down, change }) => {
      now += clock;
      id = nextId(id, now);
      return {
        id,
        ...(down === undefined ? change : { ch: change.ch, down }),
        ...(ts !== undefined && { ts: now + ts }),
        ...(idMs(id) !== now && { at: now }),
      };
    });
  });
}
