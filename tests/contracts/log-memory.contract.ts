import { describe, expect, it } from "vitest";
import { compareIds, ZERO_ID } from "@/lib/shared/cursor";
import type { ChannelState, Update } from "@/lib/shared/state";
import {
  follow,
  idOf,
  type LogStorage,
  labelOf,
  put,
  putMany,
  readAll,
  requestOf,
  useLog,
} from "../support/log-harness";

const STATES: Record<string, ChannelState> = {
  orders: {
    kind: "feed",
    asOf: 5,
    count: 1,
    keep: 3,
    items: [{ key: "5-0.0", ts: 5, item: { order: "x" } }],
  },
};

/** What an engine must keep besides updates: its name, idempotency keys, the checkpoint. */
export function describeLogMemory(engine: string, createStorage: () => LogStorage): void {
  describe(`what a log on ${engine} remembers`, () => {
    const at = useLog(createStorage);

    describe("checkpoint", () => {
      it("[L6] comes back with the next opening, the latest one", async () => {
        const ids = await putMany(at.log, 2);
        await at.log.saveCheckpoint({ id: ids[0]!, states: {} });
        await at.log.saveCheckpoint({ id: ids[1]!, states: STATES });
        expect((await at.reopen()).checkpoint).toEqual({ id: ids[1], states: STATES });
      });

      it("[L6] is absent when reading cannot go on from it", async () => {
        const id = await put(at.log, "a");
        await at.log.saveCheckpoint({ id: `${Number(id.split("-")[0]) + 1000}-0`, states: STATES });
        expect((await at.reopen()).checkpoint).toBeUndefined();
      });

      it("[L6] is absent when it is not one, and the log opens all the same", async () => {
        const id = await put(at.log, "a");
        await at.log.saveCheckpoint({ id, states: STATES });
        await at.log.close();
        await at.storage.spoilCheckpoint();
        const opened = await at.reopen();
        expect(opened).toMatchObject({ head: id });
        expect(opened.checkpoint).toBeUndefined();
      });
    });

    describe("epoch", () => {
      it("[L4] stays over a restart, with the newest id seen, a trimmed one, or none", async () => {
        const ids = await putMany(at.log, 3);
        const { epoch } = await at.reopen();
        for (const seen of [undefined, ZERO_ID, ids[2]])
          expect(await at.reopen({ seen })).toMatchObject({ epoch, head: ids[2] });
        await at.trimTo(ids[1]!);
        for (const seen of [ids[0], ids[1], ids[2]]) expect((await at.reopen({ seen })).epoch).toBe(epoch);
      });

      it("[L4] is rotated when an older copy was put back, and its entries can be read on by id", async () => {
        const old = await put(at.log, "old");
        const { epoch } = await at.reopen();
        await at.log.close();
        const restore = await at.storage.backUp();
        await at.reopen();
        const seen = await put(at.log, "lost");
        await at.log.close();
        await restore();
        const opened = await at.reopen({ seen });
        expect(opened.epoch).not.toBe(epoch);
        expect(opened.epoch).toMatch(/^[a-z0-9]{12}$/);
        expect(opened.head).toBe(old);
        const { cursor } = await at.log.append(requestOf("new"));
        expect(cursor.split(".")[0]).toBe(opened.epoch);
        expect(compareIds(idOf(cursor), seen)).toBeGreaterThan(0);
        expect(((await readAll(at.log, old)) as Update[]).map(labelOf)).toEqual(["new"]);
        expect((await at.reopen({ seen: idOf(cursor) })).epoch).toBe(opened.epoch);
      });

      it("[L4] that nobody remembers the head of still answers gone for what it lost", async () => {
        await put(at.log, "old");
        await at.log.close();
        const restore = await at.storage.backUp();
        await at.reopen();
        const lost = await put(at.log, "lost");
        await at.log.close();
        await restore();
        await at.reopen();
        await put(at.log, "later");
        expect(await at.log.read(lost, 1000)).toEqual({ status: "gone" });
      });
    });

    describe("idempotency", () => {
      it("[T5] answers the first cursor to a repetition, also after a restart", async () => {
        const first = await at.log.append(requestOf("a", 2, "key"));
        const between = await at.log.append(requestOf("b"));
        expect(first.replayed).toBe(false);
        expect(await at.log.append(requestOf("a", 2, "key"))).toEqual({ ...first, replayed: true });
        await at.reopen();
        expect(await at.log.append(requestOf("a", 2, "key"))).toEqual({ ...first, replayed: true });
        expect(await at.log.confirm()).toBe(idOf(between.cursor));
      });

      it("[T5] refuses a key with another body and stores nothing of it", async () => {
        await at.log.append(requestOf("a", 1, "key"));
        await expect(at.log.append(requestOf("b", 1, "key"))).rejects.toMatchObject({
          code: "idempotency_conflict",
        });
        const other = { scope: "another", key: "key", fingerprint: "b" };
        await at.log.append({ ...requestOf("c"), idempotency: other });
        expect(((await readAll(at.log)) as Update[]).map(labelOf)).toEqual(["a", "c"]);
      });

      it("[T5] stores one of many that arrive together", async () => {
        const tail = follow(at.log);
        const answers = await Promise.all([
          ...Array.from({ length: 10 }, () => at.log.append(requestOf("a", 3, "key"))),
          at.log.append(requestOf("b")),
        ]);
        expect(new Set(answers.slice(0, 10).map(({ cursor }) => cursor)).size).toBe(1);
        expect(answers.map(({ replayed }) => replayed)).toEqual([false, ...Array(9).fill(true), false]);
        expect(tail.updates().map(labelOf)).toEqual(["a/0", "a/1", "a/2", "b"]);
      });

      it("[T5] answers a conflict within one commit to its own request alone", async () => {
        const answers = await Promise.allSettled([
          at.log.append(requestOf("a", 1, "key")),
          at.log.append(requestOf("b", 1, "key")),
          at.log.append(requestOf("c")),
        ]);
        expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
        expect(((await readAll(at.log)) as Update[]).map(labelOf)).toEqual(["a", "c"]);
      });
    });
  });
}
