import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareIds, idMs, type UpdateId, ZERO_ID } from "@/lib/shared/cursor";
import type { Update } from "@/lib/shared/state";
import {
  follow,
  isStrictlyIncreasing,
  type LogStorage,
  labelOf,
  put,
  putMany,
  readAll,
  useLog,
} from "../support/log-harness";
import { describeLogMemory } from "./log-memory.contract";
import { describeLogPlaces } from "./log-places.contract";

/** What every engine must do (L1–L5). `createStorage` makes an empty storage for each test. */
export function describeLogContract(engine: string, createStorage: () => LogStorage): void {
  describeLogMemory(engine, createStorage);
  describeLogPlaces(engine, createStorage);

  describe(`a log on ${engine}`, () => {
    const at = useLog(createStorage);

    it("[L4] starts empty, with a name of its own", async () => {
      const opened = await at.reopen();
      expect(opened).toMatchObject({ head: ZERO_ID, floor: ZERO_ID });
      expect(opened.epoch).toMatch(/^[a-z0-9]{12}$/);
      expect(opened.checkpoint).toBeUndefined();
      expect(await at.log.read(ZERO_ID, 1000)).toEqual({
        status: "ok",
        head: ZERO_ID,
        from: ZERO_ID,
        to: ZERO_ID,
        updates: [],
      });
      expect(await at.log.confirm()).toBe(ZERO_ID);
    });

    describe("order", () => {
      it("[L1] orders concurrent appends totally, each producer's in the order of its calls", async () => {
        const tail = follow(at.log);
        const appends = Array.from({ length: 200 }, async (_, n) => {
          if (n % 3 === 0) await Promise.resolve();
          return put(at.log, `${n % 3}:${n}`);
        });
        const ids = await Promise.all(appends);
        const updates = await readAll(at.log);
        if (updates === "gone") throw new Error("gone");
        expect(isStrictlyIncreasing(updates.map((update) => update.id))).toBe(true);
        expect(updates).toHaveLength(200);
        expect(new Set(updates.map((update) => update.id))).toEqual(new Set(ids));
        for (const producer of ["0", "1", "2"]) {
          const mine = updates.map(labelOf).filter((label) => label.startsWith(`${producer}:`));
          expect(mine.map((label) => Number(label.slice(2)))).toEqual(
            Array.from({ length: 200 }, (_, n) => n).filter((n) => String(n % 3) === producer),
          );
        }
        expect(tail.updates()).toEqual(updates);
      });

      it("[L1] keeps what it was given, with a place of its own", async () => {
        const ts = Date.now() - 60_000;
        await at.log.append({
          updates: [
            { ch: "cpu", set: { load: 0.5, idle: null }, ts, by: "demo" },
            { ch: "regions", rows: { north: { sales: 3, name: 'Nörd "x"' }, south: null } },
            { ch: "disk", down: "no such device" },
          ],
        });
        const updates = await readAll(at.log);
        expect(updates).toEqual([
          { id: expect.any(String), ch: "cpu", set: { load: 0.5, idle: null }, ts, by: "demo" },
          {
            id: expect.any(String),
            ch: "regions",
            rows: { north: { sales: 3, name: 'Nörd "x"' }, south: null },
          },
          { id: expect.any(String), ch: "disk", down: "no such device" },
        ]);
      });

      it("[L2] never gives an id again, though all entries were trimmed and the log was reopened", async () => {
        const last = await put(at.log, "a");
        expect(await at.trimTo(last)).toBe(last);
        expect(await at.storage.storedIds()).toEqual([]);
        const opened = await at.reopen();
        expect(opened).toMatchObject({ head: last, floor: last });
        expect(compareIds(await put(at.log, "b"), last)).toBeGreaterThan(0);
      });
    });

    describe("commit", () => {
      it("[L3] resolves an append only once it is stored, and tells the tail before", async () => {
        const events: string[] = [];
        const storedWhenTold: Promise<boolean>[] = [];
        at.log.tail(({ updates }) => {
          events.push("tail");
          const ids = updates.map((update) => update.id);
          storedWhenTold.push(
            at.storage.storedIds().then((stored) => ids.every((id) => stored.includes(id))),
          );
        });
        for (let n = 0; n < 20; n++) {
          const id = await put(at.log, `a${n}`);
          events.push("append");
          expect(await at.storage.storedIds()).toContain(id);
        }
        expect(await Promise.all(storedWhenTold)).toEqual(Array.from({ length: 20 }, () => true));
        expect(events).toEqual(Array.from({ length: 20 }, () => ["tail", "append"]).flat());
      });

      it("[L3] stores a request's updates together and in order, and answers with the last", async () => {
        const tail = follow(at.log);
        const [a, b] = await Promise.all([put(at.log, "a", 50), put(at.log, "b", 50)]);
        const updates = await readAll(at.log);
        if (updates === "gone") throw new Error("gone");
        expect(updates.map(labelOf)).toEqual([
          ...Array.from({ length: 50 }, (_, n) => `a/${n}`),
          ...Array.from({ length: 50 }, (_, n) => `b/${n}`),
        ]);
        expect(updates[49]?.id).toBe(a);
        expect(updates[99]?.id).toBe(b);
        for (const { updates: told } of tail.commits)
          expect(told.filter((update) => labelOf(update).startsWith("a")).length % 50).toBe(0);
      });

      it("[H5] tells the tail every commit from then on, without a hole, until it is stopped", async () => {
        await put(at.log, "before");
        const tail = follow(at.log);
        const throwing = at.log.tail(() => {
          throw new Error("a listener's own failure");
        });
        for (let n = 0; n < 5; n++) await Promise.all([put(at.log, `${n}a`), put(at.log, `${n}b`, 3)]);
        throwing();
        tail.stop();
        await put(at.log, "after");
        const all = await readAll(at.log);
        if (all === "gone") throw new Error("gone");
        expect(tail.commits[0]?.from).toBe(all[0]?.id);
        expect(tail.updates()).toEqual(all.slice(1, -1));
      });

      it("[F4] confirms the newest entry", async () => {
        const id = await put(at.log, "a");
        expect(await at.log.confirm()).toBe(id);
      });
    });

    describe("reading", () => {
      it("[L5] goes on from any entry, in pages of at most the bytes asked for", async () => {
        for (let n = 0; n < 30; n++) await put(at.log, `entry ${n}`);
        const all = await readAll(at.log);
        if (all === "gone") throw new Error("gone");
        for (const maxBytes of [1, 100, 333, 100_000]) {
          expect(await readAll(at.log, all[4]?.id, maxBytes)).toEqual(all.slice(5));
          const page = await at.log.read(ZERO_ID, maxBytes);
          if (page.status === "gone") throw new Error("gone");
          const bytes = page.updates.reduce(
            (sum, update) => sum + JSON.stringify(withoutId(update)).length,
            0,
          );
          expect(page.updates.length === 1 || bytes <= maxBytes).toBe(true);
          expect(page.to).toBe(page.updates.at(-1)?.id);
        }
        expect(await readAll(at.log, all.at(-1)?.id)).toEqual([]);
      });

      it("[L5] answers gone before the floor, and reads on at it", async () => {
        const ids = await putMany(at.log, 4);
        expect(await at.trimTo(ids[1]!)).toBe(ids[1]);
        expect(await at.log.read(ZERO_ID, 1000)).toEqual({ status: "gone" });
        expect(await at.log.read(ids[0]!, 1000)).toEqual({ status: "gone" });
        expect((await readAll(at.log, ids[1])) as Update[]).toHaveLength(2);
        expect(await at.reopen()).toMatchObject({ floor: ids[1], head: ids[3] });
      });

      it("[L5] answers gone beyond the head, and for an id that was never given", async () => {
        const [a] = await putMany(at.log, 2);
        const ms = Number(a!.split("-")[0]);
        for (const id of [`${ms + 60_000}-0`, `${ms}-777`, `${ms - 1}-0`])
          expect(await at.log.read(id, 1000)).toEqual({ status: "gone" });
      });
    });

    describe("seeking", () => {
      it("[L5] finds the newest entry before a time, from where reading is complete", async () => {
        const ids = await putMany(at.log, 4);
        for (const ms of [ids[0]!, ids[1]!, ids[3]!].map(idMs)) {
          const place = await at.log.seek(ms);
          expect(place).toBe(ids.findLast((id) => idMs(id) < ms) ?? ZERO_ID);
          const read = await readAll(at.log, place);
          if (read === "gone") throw new Error("gone");
          expect(read.map(({ id }) => id)).toEqual(ids.filter((id) => compareIds(id, place) > 0));
        }
        expect(await at.log.seek(idMs(ids[3]!) + 1)).toBe(ids[3]);
      });

      it("[L5] goes back to the floor at most", async () => {
        expect(await at.log.seek(Date.now())).toBe(ZERO_ID);
        const ids = await putMany(at.log, 3);
        await at.trimTo(ids[1]!);
        expect(await at.log.seek(0)).toBe(ids[1]);
        expect(await at.log.seek(idMs(ids[1]!))).toBe(ids[1]);
        await at.trimTo(ids[2]!);
        expect(await at.log.seek(Date.now() + 60_000)).toBe(ids[2]);
      });
    });

    describe("trimming", () => {
      it("[L5] keeps what is younger than the retention", async () => {
        const ids = await putMany(at.log, 3);
        await at.reopen({ retentionMs: 60_000 });
        await at.log.saveCheckpoint({ id: ids[2]!, states: {} });
        expect(await at.log.trim()).toBe(ZERO_ID);
        expect(await readAll(at.log)).toHaveLength(3);
      });

      it("[L5] never passes the checkpoint, and does nothing without one", async () => {
        const ids = await putMany(at.log, 3);
        await at.reopen({ retentionMs: -1 });
        expect(await at.log.trim()).toBe(ZERO_ID);
        await at.log.saveCheckpoint({ id: ids[1]!, states: {} });
        expect(await at.log.trim()).toBe(ids[1]);
        expect(await at.log.trim()).toBe(ids[1]);
        expect(await at.storage.storedIds()).toEqual([ids[2]]);
      });

      it("[L5] drops a long prefix while appends go on", async () => {
        const last = await put(at.log, "old", 2000);
        await at.reopen({ retentionMs: -1 });
        await at.log.saveCheckpoint({ id: last, states: {} });
        const tail = follow(at.log);
        const [floor, ...ids] = await Promise.all([
          at.log.trim(),
          ...Array.from({ length: 20 }, () => put(at.log, "new")),
        ]);
        expect(floor).toBe(last);
        expect(await at.storage.storedIds()).toEqual(ids);
        expect(await readAll(at.log, floor)).toEqual(tail.updates());
        expect((await at.log.stats()).entries).toBe(20);
      });
    });

    it("[H6] finishes what waits when it is closed, and takes nothing afterwards", async () => {
      const waiting = Promise.all([put(at.log, "a"), put(at.log, "b")]);
      await at.log.close();
      expect(isStrictlyIncreasing(await waiting)).toBe(true);
      expect(await at.storage.storedIds()).toEqual(await waiting);
      await expect(put(at.log, "c")).rejects.toMatchObject({ code: "stopping" });
      await at.log.close();
    });

    it("[H5] is unavailable before it is opened", async () => {
      const unopened = at.storage.create();
      await expect(put(unopened, "a")).rejects.toMatchObject({ code: "log_unavailable" });
      await expect(unopened.confirm()).rejects.toMatchObject({ code: "log_unavailable" });
    });

    it("counts what it holds", async () => {
      await putMany(at.log, 3);
      const stats = await at.log.stats();
      expect(stats).toMatchObject({ entries: 3, slowQueries: expect.any(Number) });
      expect(stats.connections).toBeGreaterThan(0);
      expect(stats.queries).toBeGreaterThan(0);
      expect(stats.size).toBeGreaterThan(0);
      await put(at.log, "more");
      expect((await at.log.stats()).queries).toBeGreaterThan(stats.queries);
    });

    const steps = fc.array(
      fc.oneof(
        { weight: 4, arbitrary: fc.record({ do: fc.constant("append"), n: fc.integer({ min: 1, max: 4 }) }) },
        { weight: 2, arbitrary: fc.record({ do: fc.constant("checkpoint"), n: fc.nat(30) }) },
        { weight: 2, arbitrary: fc.record({ do: fc.constant("trim"), n: fc.constant(0) }) },
        { weight: 1, arbitrary: fc.record({ do: fc.constant("reopen"), n: fc.constant(0) }) },
        { weight: 3, arbitrary: fc.record({ do: fc.constant("read"), n: fc.nat(30) }) },
      ),
      { minLength: 5, maxLength: 25 },
    );

    it("[L5] reads from any cursor completely or answers gone, whatever went before", async () => {
      await fc.assert(
        fc.asyncProperty(steps, async (plan) => {
          await at.renew({ retentionMs: -1 });
          let told: Update[] = [];
          let tail = follow(at.log);
          let floor: UpdateId = ZERO_ID;
          const checkRead = async (place: number) => {
            const from = place === 0 ? ZERO_ID : (told[place % told.length]?.id ?? ZERO_ID);
            const expected = told.filter((update) => compareIds(update.id, from) > 0);
            const read = await readAll(at.log, from, 1 + place * 40);
            expect(read).toEqual(compareIds(from, floor) < 0 ? "gone" : expected);
          };
          for (const { do: step, n } of plan) {
            if (step === "append") {
              const seen = told.length;
              await Promise.all(
                Array.from({ length: n }, (_, i) => put(at.log, `${seen}.${i}`, 1 + (i % 2))),
              );
              told = [...told.slice(0, seen), ...tail.updates()];
              tail.stop();
              tail = follow(at.log);
            }
            if (step === "checkpoint" && told.length > 0)
              await at.log.saveCheckpoint({ id: told[n % told.length]!.id, states: {} });
            if (step === "trim") {
              const before = floor;
              floor = await at.log.trim();
              expect(compareIds(before, floor)).toBeLessThanOrEqual(0);
            }
            if (step === "reopen") {
              const seen = told.at(-1)?.id;
              expect(await at.reopen({ retentionMs: -1, seen })).toMatchObject({
                head: seen ?? ZERO_ID,
                floor,
              });
              tail = follow(at.log);
            }
            if (step === "read") await checkRead(n);
          }
          for (let place = 0; place <= told.length; place += 1 + Math.floor(told.length / 10))
            await checkRead(place);
        }),
        { numRuns: 12 },
      );
    });
  });
}

function withoutId({ id: _, ...rest }: Update) {
  return rest;
}
