import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createKeyRing } from "@/lib/server/keys/key-ring";
import type { StoredKey } from "@/lib/server/keys/keys";
import { codeOf } from "@/lib/shared/codes";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const A: StoredKey = { id: "a", name: "A", hash: "", channels: ["gauges"], createdAt: 0 };

/** A database that has what `content` says, fails, or does not answer. */
function setUp() {
  const database = {
    content: [A] as StoredKey[],
    mode: "answers" as "answers" | "fails" | "hangs",
    reads: 0,
    uses: [] as [string, number][],
    warnings: [] as string[],
  };
  const ring = createKeyRing({
    store: {
      async list() {
        database.reads += 1;
        if (database.mode === "hangs") await new Promise(() => {});
        if (database.mode === "fails") throw new Error("out of reach");
        return database.content;
      },
      async used(id, at) {
        database.uses.push([id, at]);
        if (database.mode === "fails") throw new Error("out of reach");
      },
      async close() {},
    },
    now: () => Date.now(),
    clock: () => performance.now(),
    warn: (message) => void database.warnings.push(message),
  });
  const ids = () =>
    ring.known().then(
      (known) => [...known.keys()].join(),
      (error) => codeOf(error),
    );
  return { database, ring, ids };
}

it("[T9] reads the keys at most once a second, however often they are used, and not while nobody uses them", async () => {
  const { database, ids } = setUp();
  expect(await ids()).toBe("a");
  for (let n = 0; n < 999; n++) {
    await vi.advanceTimersByTimeAsync(1);
    await ids();
  }
  expect(database.reads).toBe(1);
  for (let n = 0; n < 10_000; n++) {
    await vi.advanceTimersByTimeAsync(1);
    await ids();
  }
  expect(database.reads).toBeGreaterThanOrEqual(10);
  expect(database.reads).toBeLessThanOrEqual(12);
  const before = database.reads;
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(database.reads).toBe(before);
});

it("[T9] never goes by keys that are older than two seconds while the database answers", async () => {
  const { database, ids } = setUp();
  await ids();
  for (const pause of [2001, 60_000, 3_600_000]) {
    database.content = database.content.length > 0 ? [] : [A];
    await vi.advanceTimersByTimeAsync(pause);
    expect(await ids()).toBe(database.content.map(({ id }) => id).join());
  }
  // Used all the time, a change is known at the latest then.
  database.content = [A];
  for (let n = 0; n < 20; n++) {
    await vi.advanceTimersByTimeAsync(100);
    await ids();
  }
  expect(await ids()).toBe("a");
});

it("[T9] reads once for all who wait", async () => {
  const { database, ids } = setUp();
  expect(await Promise.all(Array.from({ length: 50 }, ids))).toEqual(Array.from({ length: 50 }, () => "a"));
  expect(database.reads).toBe(1);
});

it("[T9] goes on with the last known keys for a minute when the database fails, then refuses, and comes back", async () => {
  const { database, ids } = setUp();
  await ids();
  database.mode = "fails";
  for (let at = 0; at < 59_000; at += 500) {
    await vi.advanceTimersByTimeAsync(500);
    expect(await ids()).toBe("a");
  }
  await vi.advanceTimersByTimeAsync(2000);
  expect(await ids()).toBe("keys_unavailable");
  // Pauses grow, and it is said once.
  expect(database.reads).toBeLessThan(60);
  expect(database.reads).toBeGreaterThan(10);
  expect(database.warnings).toHaveLength(1);
  database.mode = "answers";
  await vi.advanceTimersByTimeAsync(5001);
  expect(await ids()).toBe("a");
});

it("[T9] knows nothing, so refuses, when the database was never there", async () => {
  const { database, ring } = setUp();
  database.mode = "fails";
  await expect(ring.known()).rejects.toMatchObject({
    code: "keys_unavailable",
    extras: { retryAfter: expect.any(Number) },
  });
});

it("[T9] waits a second at most for a database that does not answer, and not each time", async () => {
  const { database, ids } = setUp();
  await ids();
  database.mode = "hangs";
  await vi.advanceTimersByTimeAsync(2500);
  const begun = performance.now();
  const answers = Array.from({ length: 5 }, ids);
  await vi.advanceTimersByTimeAsync(1000);
  expect(await Promise.all(answers)).toEqual(["a", "a", "a", "a", "a"]);
  expect(performance.now() - begun).toBe(1000);
  expect(database.reads).toBe(2);
  expect(database.warnings).toHaveLength(1);
});

it("[T9] has the last use stored at most once a minute, and never fails for it", async () => {
  const { database, ring } = setUp();
  for (let n = 0; n < 120; n++) {
    ring.used(A);
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(database.uses).toHaveLength(2);
  // Another node has told of it just before.
  ring.used({ ...A, lastUsedAt: Date.now() - 1000 });
  expect(database.uses).toHaveLength(2);
  database.mode = "fails";
  await vi.advanceTimersByTimeAsync(60_000);
  ring.used(A);
  await vi.advanceTimersByTimeAsync(1);
  expect(database.uses).toHaveLength(3);
});
