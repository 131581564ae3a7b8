import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Archive } from "@/lib/server/history/archive";
import type { Update } from "@/lib/shared/state";
import { bucketsOf, foldInBatches, readingsOf, requestFor, singlesOf } from "../support/archive-model";
import type { ArchiveStorage } from "../support/archive-storage";

const SECOND = 1000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WIDTHS = [10_000, 60_000, HOUR];
/** A whole hour. */
const START = Math.floor(1_770_000_000_000 / HOUR) * HOUR;

/** Updates one second apart from `START` on. */
function ticking(count: number, set: (i: number) => Record<string, number | null>, ch = "gauges"): Update[] {
  return Array.from({ length: count }, (_, i) => ({ id: `${START + i * SECOND}-0`, ch, set: set(i) }));
}

const value = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -2000, max: 2000 }).map((n) => n / 4) },
  { weight: 1, arbitrary: fc.constant(null) },
);
const reading = fc.record(
  { a: value, b: value, n: fc.oneof(fc.nat(1000), fc.constant(null)) },
  { requiredKeys: [] },
);
/** Steps of a log: how long after the one before, and what it says, at the time or late. */
const story = fc.array(
  fc.record({
    after: fc.oneof(fc.nat(3), fc.nat(5000), fc.nat(20 * 60_000)),
    late: fc.option(fc.oneof(fc.nat(5000), fc.nat(3 * HOUR), fc.constant(-60_000)), { nil: undefined }),
    ch: fc.constantFrom("gauges", "gauges", "meters", "stock"),
    set: fc.oneof({ weight: 8, arbitrary: reading }, { weight: 1, arbitrary: fc.constant(undefined) }),
    x: value,
    behind: fc.option(fc.nat(10_000), { nil: undefined, freq: 10 }),
  }),
  { minLength: 1, maxLength: 60 },
);
type Story = typeof story extends fc.Arbitrary<infer T> ? T : never;

function updatesOf(steps: Story): Update[] {
  let ms = START;
  return steps.map(({ after, late, ch, set, x, behind }, i) => {
    ms += after;
    const rest = set ? { set: ch === "meters" ? { x } : set } : { down: "no answer" };
    return {
      id: `${ms}-${i}`,
      ch,
      ...rest,
      ...(late !== undefined && { ts: ms - late }),
      ...(behind !== undefined && { at: ms - behind }),
    };
  });
}

/** What every archive must do, whatever its database (A1–A4). */
export function describeArchiveContract(
  database: string,
  createStorage: () => Promise<ArchiveStorage>,
): void {
  describe(`an archive in ${database}`, () => {
    let storage: ArchiveStorage;
    let archive: Archive;
    beforeEach(async () => {
      storage = await createStorage();
      archive = storage.create();
    });
    afterEach(() => storage.destroy());

    /** The stored rows of one metric, in order. */
    async function stored(channel: string, metric: string) {
      const [series, readings, buckets] = await Promise.all([
        storage.rows("history_series"),
        storage.rows("history_reading"),
        storage.rows("history_bucket"),
      ]);
      const id = series.find((each) => each.channel === channel && each.metric === metric)?.id;
      const byTime = (a: { at: number }, b: { at: number }) => a.at - b.at;
      const mine = <Row extends { series: number }>(rows: Row[]) => rows.filter((row) => row.series === id);
      return {
        readings: mine(readings).sort(byTime),
        buckets: (width: number) =>
          mine(buckets)
            .filter((row) => row.width === width)
            .sort(byTime),
      };
    }

    describe("rolling up", () => {
      it("[A2] has in each tier what single readings come to, whatever came late and in which batches", async () => {
        await fc.assert(
          fc.asyncProperty(story, fc.array(fc.integer({ min: 1, max: 20 })), async (steps, sizes) => {
            const own = await createStorage();
            try {
              const updates = updatesOf(steps);
              await foldInBatches(own.create(), updates, sizes, START);
              const readings = readingsOf(updates);
              const rows = await own.rows("history_bucket");
              const singles = await own.rows("history_reading");
              for (const { id, channel, metric } of await own.rows("history_series")) {
                const mine = readings.filter((each) => each.channel === channel && each.metric === metric);
                const place = (a: { at: number }, b: { at: number }) => a.at - b.at;
                for (const width of WIDTHS)
                  expect(
                    rows
                      .filter((row) => row.series === id && row.width === width)
                      .sort(place)
                      .map(({ series: _, width: __, ...row }) => row),
                  ).toEqual(bucketsOf(mine, width));
                expect(
                  singles
                    .filter((row) => row.series === id)
                    .sort(place)
                    .map(({ series: _, ...row }) => row),
                ).toEqual(singlesOf(mine.filter(({ ts }) => ts >= START - 2 * HOUR)));
              }
              const named = new Set(readings.map(({ channel, metric }) => `${channel}.${metric}`));
              expect(await own.rows("history_series")).toHaveLength(named.size);
            } finally {
              await own.destroy();
            }
          }),
          { numRuns: 25 },
        );
      }, 120_000);

      it("[A2] keeps what a counter grew beside its value, over resets and silence", async () => {
        const values = [100, 104, null, 110, 3, 5, 5, 0, 2];
        await foldInBatches(
          archive,
          ticking(values.length, (i) => ({ n: values[i]! })),
          [2, 3],
          START,
        );
        const { buckets } = await stored("gauges", "n");
        expect(buckets(HOUR)).toMatchObject([{ count: 8, last: 2, increase: 4 + 6 + 3 + 2 + 0 + 0 + 2 }]);
      });

      it("[A2] counts no growth for a counter's late reading, as the one after it has counted that", async () => {
        const late = { id: `${START + 20_000}-1`, ch: "gauges", set: { n: 5 }, ts: START + 5000 };
        const updates = [...ticking(21, (i) => ({ n: i })), late];
        await foldInBatches(archive, updates, [7], START);
        const { buckets } = await stored("gauges", "n");
        expect(buckets(HOUR)).toMatchObject([{ count: 22, last: 20, increase: 20 }]);
        expect(buckets(10_000)).toMatchObject([{ count: 11, increase: 9 }, { increase: 10 }, { count: 1 }]);
      });

      it("[A2] has the later one of two at the same time, and what a counter grew up to both", async () => {
        const updates = [1, 5, 9, 2, 4].map((n, i) => ({
          id: `${START}-${i}`,
          ch: "gauges",
          set: { n },
          ts: START - (i === 0 ? 1 : 0),
        }));
        await foldInBatches(archive, updates, [2, 1, 2], START);
        const { readings, buckets } = await stored("gauges", "n");
        const grown = 4 + 4 + 2 + 2;
        expect(readings.map(({ series: _, ...row }) => row)).toEqual([
          { at: START - 1, value: 1, increase: 0 },
          { at: START, value: 4, increase: grown },
        ]);
        expect(buckets(HOUR).at(-1)).toMatchObject({ count: 4, last: 4, min: 2, max: 9, increase: grown });
      });

      it("[A2] puts a late reading into its own bucket of each tier that still keeps it", async () => {
        const late = (hours: number, a: number, i: number) => ({
          id: `${START}-${i}`,
          ch: "gauges",
          set: { a },
          ts: START - hours * HOUR,
        });
        const updates = [
          late(1, 1, 1),
          late(3, 2, 2),
          late(49, 3, 3),
          late(31 * 24, 4, 4),
          late(731 * 24, 5, 5),
        ];
        await foldInBatches(archive, updates, [2], START);
        const { readings, buckets } = await stored("gauges", "a");
        expect(readings.map((row) => row.value)).toEqual([1]);
        expect(buckets(10_000).map(({ sum }) => sum)).toEqual([2, 1]);
        expect(buckets(60_000).map(({ sum }) => sum)).toEqual([3, 2, 1]);
        expect(buckets(HOUR).map(({ sum }) => sum)).toEqual([4, 3, 2, 1]);
      });

      it("[A2] takes any finite number", async () => {
        const most = [Number.MAX_VALUE, Number.MAX_VALUE, -Number.MAX_VALUE, 5e-324, -0, 2 ** 53];
        const updates = ticking(most.length, (i) => ({ a: most[i]!, n: most[i]! }));
        await foldInBatches(archive, updates, [1, 1, 1], START);
        const { buckets } = await stored("gauges", "a");
        expect(buckets(HOUR)).toMatchObject([{ count: 6, last: 2 ** 53 }]);
        expect(Number.isFinite(buckets(HOUR)[0]!.sum)).toBe(true);
      });

      it("[A2] leaves out metrics and channels that are not defined", async () => {
        const updates = ticking(2, (i) => ({ a: i, gone: 1, __proto__: 1 }) as Record<string, number>);
        const before = storage.create({
          metrics: { gauges: { a: false, gone: false }, other: { a: false } },
        });
        await foldInBatches(
          before,
          ticking(1, () => ({ gone: 7 })),
          [1],
          START,
        );
        await foldInBatches(archive, updates.slice(1), [1], START);
        expect((await stored("gauges", "a")).readings).toHaveLength(1);
        expect((await stored("gauges", "gone")).readings).toHaveLength(1);
        expect(await storage.rows("history_series")).toHaveLength(2);
      });
    });

    describe("its cursor", () => {
      it("[A1] begins empty, and is where it was when it is opened again", async () => {
        expect(await archive.open()).toEqual({ cursor: "", until: null, aliveAt: null });
        const updates = ticking(3, (i) => ({ a: i }));
        const request = requestFor("", updates, { aliveAt: START + 5000 });
        expect(await archive.fold(request)).toEqual({ stored: true, readings: 3 });
        const position = { cursor: updates[2]!.id, until: START + 2000, aliveAt: START + 5000 };
        expect(await archive.position()).toEqual(position);
        await archive.close();
        expect(await storage.create().open()).toEqual(position);
      });

      it("[A1] goes on with the state that it had: an unchanged metric has a reading, a counter its growth", async () => {
        const updates = ticking(6, (i): Record<string, number> => {
          if (i < 3) return { a: 7, n: i };
          return i === 4 ? { n: 10 } : {};
        });
        await foldInBatches(archive, updates.slice(0, 3), [3], START);
        await archive.close();
        await foldInBatches(storage.create(), updates.slice(3), [2], START);
        expect((await stored("gauges", "a")).readings.map((row) => row.value)).toEqual([7, 7, 7, 7, 7, 7]);
        expect((await stored("gauges", "n")).readings.map((row) => row.increase)).toEqual([0, 1, 1, 0, 8, 0]);
      });

      it("[A1] stores a batch once, however often it is sent", async () => {
        const request = requestFor(
          "",
          ticking(3, (i) => ({ a: i })),
        );
        await archive.open();
        expect((await archive.fold(request)).stored).toBe(true);
        expect((await archive.fold(request)).stored).toBe(false);
        const again = storage.create();
        await again.open();
        expect((await again.fold(request)).stored).toBe(false);
        expect((await stored("gauges", "a")).readings).toHaveLength(3);
      });

      it("[A1] stores nothing before it has been opened, as it does not know what the values were", async () => {
        const updates = ticking(2, (i): Record<string, number> => (i === 0 ? { a: 1, b: 2 } : { a: 3 }));
        await foldInBatches(archive, updates.slice(0, 1), [1], START);
        const again = storage.create();
        const request = requestFor(updates[0]!.id, updates.slice(1));
        await expect(again.fold(request)).rejects.toThrow("has not been opened");
        await again.open();
        await again.fold(request);
        expect((await stored("gauges", "b")).readings).toHaveLength(2);
      });

      it("[A1] stores nothing of a batch that fails in the middle, and goes on afterwards", async () => {
        await archive.open();
        const updates = ticking(3, (i) => ({ a: i, n: i }));
        await archive.fold(requestFor("", updates.slice(0, 1)));
        // What is written last fails.
        await storage.run("alter table history_outage rename to elsewhere");
        const outages = [{ from: START - 60_000, to: START }];
        const request = requestFor(updates[0]!.id, updates.slice(1), { outages });
        await expect(archive.fold(request)).rejects.toThrow();
        expect(await archive.position()).toMatchObject({ cursor: updates[0]!.id });
        expect((await stored("gauges", "n")).readings).toHaveLength(1);
        expect((await stored("gauges", "n")).buckets(HOUR)).toMatchObject([{ count: 1 }]);
        await storage.run("alter table elsewhere rename to history_outage");
        expect((await archive.fold(request)).stored).toBe(true);
        const { readings, buckets } = await stored("gauges", "n");
        expect(readings.map((row) => row.increase)).toEqual([0, 1, 1]);
        expect(buckets(HOUR)).toMatchObject([{ count: 3, increase: 2 }]);
      });

      it("[A1] takes each update once from two that both believe to be the one", async () => {
        const updates = ticking(400, (i) => ({ a: i % 7, b: i }));
        let refused = 0;
        const write = async (mine: Archive, size: number) => {
          let cursor = "";
          for (;;) {
            const next = updates.findIndex(({ id }) => id === cursor) + 1;
            if (next === updates.length) return;
            const request = requestFor(cursor, updates.slice(next, next + size));
            if ((await mine.fold(request)).stored) cursor = request.cursor;
            else {
              refused += 1;
              ({ cursor } = await mine.open());
            }
          }
        };
        const both = [storage.createApart(), storage.createApart()] as const;
        await Promise.all(both.map((one) => one.open()));
        await Promise.all([write(both[0], 7), write(both[1], 11)]);
        const { readings, buckets } = await stored("gauges", "b");
        expect(refused).toBeGreaterThan(0);
        expect(readings).toHaveLength(400);
        expect(buckets(HOUR)).toMatchObject([{ count: 400, sum: (399 * 400) / 2 }]);
      });
    });

    describe("ranges", () => {
      const ask = (rest: object) =>
        archive.range({
          channel: "gauges",
          metrics: ["a"],
          from: START,
          to: START + 60_000,
          step: 20_000,
          width: 10_000,
          ...rest,
        });

      it("[A3] has nothing but nulls where there is nothing", async () => {
        const nothing = [null, null, null];
        expect(await ask({ metrics: ["a", "n"] })).toEqual({
          until: null,
          outages: [],
          metrics: {
            a: { count: [0, 0, 0], min: nothing, avg: nothing, max: nothing, last: nothing },
            n: {
              count: [0, 0, 0],
              min: nothing,
              avg: nothing,
              max: nothing,
              last: nothing,
              increase: nothing,
            },
          },
        });
      });

      it("[A3] sums buckets up, and has null where there is no reading", async () => {
        const updates = ticking(60, (i) => ({ a: i, n: 2 * i }));
        const some = updates.filter((_, i) => i < 20 || i >= 40);
        await foldInBatches(archive, some, [13], START);
        const { metrics, until } = await ask({ metrics: ["n", "a"] });
        expect(until).toBe(START + 59_000);
        expect(metrics.a).toEqual({
          count: [20, 0, 20],
          min: [0, null, 40],
          avg: [9.5, null, 49.5],
          max: [19, null, 59],
          last: [19, null, 59],
          lastAt: START + 59_000,
        });
        const none = await ask({ from: START - 60_000, to: START });
        expect(none.metrics.a).not.toHaveProperty("lastAt");
        expect(metrics.n).toMatchObject({ last: [38, null, 118], increase: [38, null, 80] });
        const less = await ask({ from: START + 20_000, to: START + 40_000 });
        expect(less.metrics.a).toMatchObject({ count: [0], last: [null] });
        // The same from single readings.
        expect((await ask({ metrics: ["n", "a"], width: 0 })).metrics).toEqual(metrics);
      });

      it("[A3] answers what the model says, from any tier and with any step", async () => {
        const pick = fc.constantFrom(
          ...[0, 10_000, 60_000, HOUR].flatMap((width) =>
            [250, 1000, 5000, 10_000, 20_000, 60_000, 5 * 60_000, HOUR, 6 * HOUR]
              .filter((step) => width === 0 || (step >= width && step % width === 0))
              .map((step) => ({ width, step })),
          ),
        );
        await fc.assert(
          fc.asyncProperty(
            story,
            fc.array(fc.tuple(pick, fc.nat(30), fc.nat(40)), { minLength: 3, maxLength: 8 }),
            async (steps, asked) => {
              const own = await createStorage();
              try {
                const updates = updatesOf(steps);
                const mine = own.create();
                await foldInBatches(mine, updates, [9, 4], START);
                const readings = readingsOf(updates).filter(
                  ({ channel, ts }) => channel === "gauges" && ts >= START - 2 * HOUR,
                );
                for (const [{ width, step }, before, places] of asked) {
                  const from = Math.floor((START - 2 * HOUR) / step) * step + Math.max(1, before) * step;
                  const to = from + (places + 1) * step;
                  const { metrics } = await mine.range({
                    channel: "gauges",
                    metrics: ["a", "n"],
                    from,
                    to,
                    step,
                    width,
                  });
                  for (const metric of ["a", "n"]) {
                    const wanted = readings.filter(
                      (each) => each.metric === metric && each.ts >= from && each.ts < to,
                    );
                    const expected = bucketsOf(wanted, step);
                    const { count, min, max, last, increase } = metrics[metric]!;
                    const found = count.flatMap((n, i) =>
                      n === 0
                        ? []
                        : [
                            {
                              at: from + i * step,
                              min: min[i],
                              max: max[i],
                              last: last[i],
                              ...(increase && { increase: increase[i] }),
                            },
                          ],
                    );
                    // Single readings at the same time are one; a lowest and highest may be lost with it.
                    const singles = new Set(wanted.map(({ ts }) => ts)).size;
                    expect(count.reduce((sum, n) => sum + n, 0)).toBe(width === 0 ? singles : wanted.length);
                    expect(found.map(({ at, last }) => ({ at, last }))).toEqual(
                      expected.map(({ at, last }) => ({ at, last })),
                    );
                    if (increase)
                      expect(found.map((each) => each.increase)).toEqual(
                        expected.map((each) => each.increase),
                      );
                    if (width > 0) {
                      expect(found.map((each) => each.min)).toEqual(expected.map((each) => each.min));
                      expect(found.map((each) => each.max)).toEqual(expected.map((each) => each.max));
                    }
                  }
                }
              } finally {
                await own.destroy();
              }
            },
          ),
          { numRuns: 15 },
        );
      }, 120_000);

      it("[A3] has each reading in one bucket, before 1970 and in a far future too", async () => {
        const forever = storage.create({ retention: [1e16, 1e16, 1e16, 1e16] });
        for (const [i, border] of [-HOUR, 0, 8_639_999_996_400_000].entries()) {
          const updates = [-1, 0, 1].map((ms, j) => ({
            id: `${i + 1}-${j}`,
            ch: "gauges",
            set: { a: ms },
            ts: border + ms,
          }));
          await foldInBatches(forever, updates, [3], 0);
          const width = 10_000;
          for (const [tier, step] of [
            [0, 250],
            [width, width],
            [width, 2 * width],
          ] as const) {
            const from = border - 2 * width;
            const { metrics } = await forever.range({
              channel: "gauges",
              metrics: ["a"],
              from,
              to: border + 2 * width,
              step,
              width: tier,
            });
            const { count, min } = metrics.a!;
            const at = count.flatMap((n, place) =>
              n > 0 ? [[from + place * step - border, n, min[place]]] : [],
            );
            expect(at).toEqual([
              [-step, 1, -1],
              [0, 2, 0],
            ]);
          }
        }
      });

      it("[A4] tells the outages that overlap, oldest first", async () => {
        await archive.open();
        const outages = [
          { from: START + 50_000, to: START + 70_000 },
          { from: START - 100_000, to: START },
          { from: START - 9000, to: START + 1 },
          { from: START + 60_000, to: START + 61_000 },
        ];
        await archive.fold(requestFor("", [], { outages }));
        expect((await ask({})).outages).toEqual([outages[2], outages[0]]);
        // Told again, it is still one.
        await archive.fold(requestFor("", [], { outages }));
        expect(await storage.rows("history_outage")).toHaveLength(4);
      });

      it("[A4] forgets an outage that a clock told which was far ahead, once it is right again", async () => {
        await archive.open();
        const real = { from: START - 9000, to: START + 1 };
        const wrong = { from: START + 2, to: START + 1000 * HOUR };
        const ahead = requestFor("", [], { outages: [real, wrong], now: wrong.to });
        await archive.fold(ahead);
        expect((await ask({})).outages).toEqual([real, wrong]);
        await archive.fold(requestFor("", [], { now: START + 5000 }));
        expect((await ask({})).outages).toEqual([real]);
      });
    });

    describe("retention", () => {
      /** Steps until a round is over; what each dropped. */
      async function round(now: number): Promise<number[]> {
        const rows: number[] = [];
        for (;;) {
          const step = await archive.prune(now);
          rows.push(step.rows);
          if (step.isRoundOver) return rows;
        }
      }

      it("[A2] drops what is older than its tier keeps, and nothing else", async () => {
        const hours = (count: number) =>
          Array.from(
            { length: count },
            (_, i): Update => ({
              id: `${START + i * HOUR}-0`,
              ch: i % 2 ? "gauges" : "meters",
              set: i % 2 ? { a: i, n: i } : { x: i },
            }),
          );
        const updates = hours(60);
        const end = START + 60 * HOUR;
        await archive.open();
        for (const update of updates)
          await archive.fold(requestFor((await archive.position()).cursor, [update]));
        await archive.fold(
          requestFor(updates.at(-1)!.id, [], {
            outages: [
              { from: START - 800 * DAY, to: START - 799 * DAY },
              { from: START - DAY, to: START },
            ],
          }),
        );
        await round(end);
        const readings = readingsOf(updates);
        for (const [channel, metric] of [
          ["gauges", "a"],
          ["gauges", "n"],
          ["meters", "x"],
        ] as const) {
          const mine = readings.filter((each) => each.channel === channel && each.metric === metric);
          const left = await stored(channel, metric);
          const since = (ms: number) => mine.filter(({ ts }) => ts >= end - ms).length;
          expect(left.readings).toHaveLength(since(2 * HOUR));
          expect(left.buckets(10_000)).toHaveLength(since(48 * HOUR));
          expect(left.buckets(60_000)).toHaveLength(mine.length);
          expect(left.buckets(HOUR)).toHaveLength(mine.length);
        }
        expect(await storage.rows("history_outage")).toHaveLength(1);
        expect((await round(end)).every((rows) => rows === 0)).toBe(true);
      });

      it("[A2] drops no more than a bounded number of rows in a step", async () => {
        const updates = ticking(3000, (i) => ({ a: i }));
        await foldInBatches(archive, updates, [1000, 1000], START);
        const rows = await round(START + 800 * DAY);
        expect(Math.max(...rows)).toBeLessThanOrEqual(500);
        expect(rows.reduce((sum, n) => sum + n)).toBe(3000 + 300 + 50 + 1);
        expect(await storage.rows("history_bucket")).toEqual([]);
      });

      it("[A2] loses nothing to a bucket that its range still touches", async () => {
        await foldInBatches(
          archive,
          ticking(3600, (i) => ({ a: i })),
          [1000, 1000, 1000],
          START,
        );
        await round(START + 30 * DAY + 30 * 60_000);
        const { buckets } = await stored("gauges", "a");
        expect(buckets(60_000)[0]).toMatchObject({ at: START + 29 * 60_000 });
      });
    });

    it("refuses tables of another version, and says so", async () => {
      await archive.open();
      await storage.run("update history_archive set version = 99");
      await expect(storage.create().open()).rejects.toMatchObject({ code: "history_unavailable" });
    });
  });
}
