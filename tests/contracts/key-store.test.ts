import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { runKeyCommand } from "@/lib/server/keys/key-command";
import { findKey, hashOf, makeKey, type StoredKey } from "@/lib/server/keys/keys";
import { type KeyPlace, openKeyStore } from "@/lib/server/keys/open-keys";
import { codeOf } from "@/lib/shared/codes";
import { keyFolder } from "../support/key-places";
import { startPostgres } from "../support/postgres-server";

const postgres = await startPostgres();
afterAll(() => postgres.close());

const NOW = Date.UTC(2026, 0, 1);
const DAY = 86_400_000;

const PLACES: Record<string, () => Promise<Partial<KeyPlace>>> = {
  SQLite: async () => ({}),
  Postgres: async () => ({ databaseUrl: await postgres.createDatabase() }),
};

describe.each(Object.entries(PLACES))("keys in %s", (_, placeOf) => {
  let folder: ReturnType<typeof keyFolder>;
  let place: KeyPlace;
  let stores: ReturnType<typeof openKeyStore>[] = [];
  beforeEach(async () => {
    folder = keyFolder();
    place = { folder: folder.folder, busyMs: 5000, ...(await placeOf()) };
  });
  afterEach(async () => {
    await Promise.all(stores.map((store) => store.close()));
    stores = [];
    folder.remove();
  });

  function open() {
    const store = openKeyStore(place);
    stores.push(store);
    return store;
  }

  const run = (line: string[], now = NOW) =>
    runKeyCommand(line, { store: open(), channels: ["business", "orders"], now });

  it("[T9] comes back as it was stored, whoever reads it", async () => {
    const whole: StoredKey = {
      ...{ id: "a", name: "till — n° 1", hash: hashOf("x"), channels: ["business", "orders"], perSecond: 5 },
      ...{ createdAt: NOW, expiresAt: NOW + 1, revokedAt: NOW + 2, lastUsedAt: NOW + 3 },
    };
    const { perSecond, expiresAt, revokedAt, lastUsedAt, ...least } = whole;
    const store = open();
    await store.add(whole);
    await store.add({ ...least, id: "b", createdAt: NOW + 1 });
    const found = await open().list();
    expect(found).toEqual([whole, { ...least, id: "b", createdAt: NOW + 1 }]);
    await expect(store.add(whole)).rejects.toThrow();
  });

  it("[T9] makes its table once, when several processes come at once", async () => {
    expect(await Promise.all(Array.from({ length: 6 }, () => open().list()))).toEqual([
      [],
      [],
      [],
      [],
      [],
      [],
    ]);
  });

  it("[T9] revokes one for good, and notes the newest use", async () => {
    const store = open();
    for (const id of ["a", "b"])
      await store.add({ id, name: id, hash: hashOf(id), channels: ["orders"], createdAt: NOW });
    expect(await store.revoke("a", NOW + 10)).toBe(true);
    expect(await open().revoke("a", NOW + 20)).toBe(true);
    expect(await store.revoke("c", NOW)).toBe(false);
    await store.used("b", NOW + 30);
    await open().used("b", NOW + 5);
    expect(await store.list()).toMatchObject([{ revokedAt: NOW + 10 }, { lastUsedAt: NOW + 30 }]);
    expect((await store.list())[1]).not.toHaveProperty("revokedAt");
  });

  it("[T9] are made, listed and revoked at the command line, and shown once", async () => {
    const first = await run(["create", "--name", " shop till ", "--channels", "business, orders"]);
    const key = first.out;
    expect(key).toMatch(/^nbk_[0-9a-f]{10}_[0-9a-f]{48}$/);
    const second = await run(
      ["create", "--name", "x", "--channels", "orders", "--per-second", "500", "--expires", "90d"],
      NOW + 1,
    );
    const [stored, other] = await open().list();
    expect(stored).toEqual({
      ...{ id: key.split("_")[1], name: "shop till", channels: ["business", "orders"] },
      ...{ hash: hashOf(key), createdAt: NOW },
    });
    expect(other).toMatchObject({ perSecond: 500, expiresAt: NOW + 1 + 90 * DAY });

    const known = new Map((await open().list()).map((one) => [one.id, one]));
    expect(findKey(known, key, NOW)).toEqual(stored);
    expect(() => findKey(known, second.out, NOW + 91 * DAY)).toThrow("This key has expired.");

    await run(["revoke", stored!.id], NOW + 2);
    const list = await run(["list"], NOW + 91 * DAY);
    expect(list.out).toMatch(/shop till +business,orders +- +2026-01-01T00:00Z +- +- +revoked$/m);
    expect(list.out).toMatch(/ x +orders +500 .* expired$/m);
    for (const secret of [key, second.out]) {
      expect(list.out).not.toContain(secret.split("_")[2]);
      expect(JSON.stringify(await open().list())).not.toContain(secret.split("_")[2]);
    }
  });

  it.each([
    [["create", "--name", "x", "--channels", "orders,nonsense"], "not nonsense"],
    [["create", "--name", "x"], "--channels is a list of: business, orders"],
    [["create", "--channels", "orders"], "--name is 1 to 60"],
    [["create", "--name", "a\nb", "--channels", "orders"], "--name is 1 to 60"],
    [["create", "--name", "x", "--channels", "orders", "--per-second", "0"], "--per-second is a whole"],
    [["create", "--name", "x", "--channels", "orders", "--expires", "soon"], "--expires is a number"],
    [["create", "--name", "x", "--channels", "orders", "--expires", "0d"], "--expires is a number"],
    [["create", "--name", "x", "--channels", "orders", "--forever"], "--forever"],
    [["revoke"], "npm run key"],
    [["revoke", "nobody"], "There is no key nobody."],
    [["remove"], "npm run key"],
    [[], "npm run key"],
  ])("[T9] are not made by mistake: %j", async (line, words) => {
    await expect(run(line)).rejects.toThrow(words);
    expect(await open().list()).toEqual([]);
  });

  it("[T9] are a thousand at most", async () => {
    const store = open();
    const add = (n: number) =>
      store.add({ id: `k${n}`, name: "x", hash: hashOf("x"), channels: ["orders"], createdAt: n });
    for (let n = 0; n < 1000; n += 1) await add(n);
    await expect(add(1000)).rejects.toThrow("There are 1000 keys already.");
  });
});

describe("a key", () => {
  it("[T9] is found by its whole text only, and what became of it is told to its holder alone", () => {
    const { id, key } = makeKey();
    const stored: StoredKey = { id, name: "x", hash: hashOf(key), channels: ["a"], createdAt: 0 };
    const known = new Map([[id, { ...stored, revokedAt: 5 }]]);
    const other = makeKey().key;
    for (const wrong of [
      "",
      "x",
      key.slice(0, -1),
      `${key}0`,
      key.toUpperCase(),
      other,
      `nbk_${id}_${other.slice(15)}`,
    ])
      expect(() => findKey(known, wrong, 0)).toThrow("A valid key is needed");
    expect(() => findKey(known, key, 0)).toThrow("This key was revoked.");
    expect(findKey(new Map([[id, stored]]), key, 0)).toBe(stored);
    try {
      findKey(known, "x", 0);
    } catch (error) {
      expect(codeOf(error)).toBe("unauthorized");
    }
  });

  it("[T9] is random in 192 bits", () => {
    const secrets = Array.from({ length: 1000 }, () => makeKey().key.split("_")[2]!);
    expect(new Set(secrets).size).toBe(1000);
    expect(secrets.every((secret) => secret.length * 4 >= 160)).toBe(true);
  });
});
