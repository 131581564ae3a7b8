import { describe, expect, it } from "vitest";
import type { Place } from "@/lib/server/log/log";
import { follow, type LogStorage, readAll, useLog } from "../support/log-harness";

/** What every engine must do so that a stream's messages are stored once, however often they come (S1). */
export function describeLogPlaces(engine: string, createStorage: () => LogStorage): void {
  describe(`the places of streams in a log on ${engine}`, () => {
    const at = useLog(createStorage);

    const append = (label: string, ...places: Place[]) =>
      at.log.append({ updates: [{ ch: "cpu", set: {}, by: label }], places });
    const from = (after: number, to: number, of = "orders/0"): Place => ({
      of,
      after: `${after}-0`,
      to: `${to}-0`,
    });
    const stored = async () => {
      const updates = await readAll(at.log);
      if (updates === "gone") throw new Error("gone");
      return updates.map(({ by }) => by);
    };

    it("[S1] stores messages and how far their stream was read in one step", async () => {
      const { cursor, replayed } = await append("a", from(0, 5));
      expect(replayed).toBe(false);
      expect(await at.log.places(["orders/0", "orders/1"])).toEqual({ "orders/0": "5-0" });
      await append("b", from(5, 9), from(0, 2, "orders/1"));
      expect(await at.log.places(["orders/1", "orders/0"])).toEqual({ "orders/0": "9-0", "orders/1": "2-0" });
      expect(await stored()).toEqual(["a", "b"]);
      expect(cursor).toMatch(/^[a-z0-9]{12}\.\d+-\d+$/);
    });

    it("[S1] stores nothing again, in parallel neither", async () => {
      const tail = follow(at.log);
      const all = await Promise.all(Array.from({ length: 20 }, () => append("a", from(0, 5))));
      expect(all.filter(({ replayed }) => !replayed)).toHaveLength(1);
      expect((await append("a", from(2, 4))).replayed).toBe(true);
      expect(await stored()).toEqual(["a"]);
      expect(tail.updates().map(({ by }) => by)).toEqual(["a"]);
    });

    it("[S1] refuses what was stored in part, and stores none of it", async () => {
      await append("a", from(0, 5));
      await expect(append("b", from(3, 8))).rejects.toMatchObject({ code: "place_passed" });
      await expect(
        append("c", from(5, 8), from(0, 1, "orders/1")).then(() =>
          append("d", from(8, 9), from(0, 2, "orders/1")),
        ),
      ).rejects.toMatchObject({
        code: "place_passed",
      });
      expect(await at.log.places(["orders/0", "orders/1"])).toEqual({ "orders/0": "8-0", "orders/1": "1-0" });
      expect(await stored()).toEqual(["a", "c"]);
    });

    it("[S1] goes on behind messages that never come, and orders by number", async () => {
      await append("a", { of: "s", after: "0-0", to: "9-0" });
      await append("b", { of: "s", after: "9-5", to: "10-0" });
      expect(await at.log.places(["s"])).toEqual({ s: "10-0" });
      await append("c", { of: "s", after: "10-2", to: "10-11" });
      await expect(append("d", { of: "s", after: "10-9", to: "10-12" })).rejects.toMatchObject({
        code: "place_passed",
      });
      expect(await stored()).toEqual(["a", "b", "c"]);
    });

    it("[S1] begins anew with another stream of an old name", async () => {
      await append("a", from(0, 50));
      await append("b", { of: "orders/0", to: "3-0" });
      expect(await at.log.places(["orders/0"])).toEqual({ "orders/0": "3-0" });
      expect((await append("c", from(3, 4))).replayed).toBe(false);
      expect(await stored()).toEqual(["a", "b", "c"]);
    });

    it("[S1] moves a place on without an update", async () => {
      await at.log.append({ updates: [], places: [from(0, 3)] });
      await append("a", from(3, 4));
      expect(await stored()).toEqual(["a"]);
    });

    it("[S1] keeps places when the log is opened again, and after everything was trimmed", async () => {
      const { cursor } = await append("a", from(0, 5));
      await at.reopen({ retentionMs: -1 });
      await at.log.saveCheckpoint({ id: cursor.split(".")[1]!, states: {} });
      await at.log.trim();
      expect(await at.storage.storedIds()).toEqual([]);
      expect((await append("a", from(0, 5))).replayed).toBe(true);
      expect(await at.log.places(["orders/0"])).toEqual({ "orders/0": "5-0" });
    });
  });
}
