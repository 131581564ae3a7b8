import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Archive, FoldRequest } from "@/lib/server/history/archive";
import type { Retention } from "@/lib/server/history/tiers";
import { ANNOTATIONS } from "@/lib/shared/annotations";
import type { Row } from "@/lib/shared/define-channel";
import type { Update } from "@/lib/shared/state";
import { type ArchiveStorage, postgresArchives, sqliteArchives } from "../support/archive-storage";
import { startPostgres } from "../support/postgres-server";

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** For how long the coarsest tier is kept. */
const KEPT = 730 * DAY;
const retention: Retention = [2 * HOUR, 2 * DAY, 30 * DAY, KEPT];
const postgres = await startPostgres();
afterAll(() => postgres.close());
const DATABASES = { SQLite: sqliteArchives, Postgres: () => postgresArchives(postgres) };

function said(id: string, item: Row, ts = NOW): Update {
  return { id, ch: ANNOTATIONS, items: [item], ts };
}
const deploy = (id: string, ts?: number) => said(id, { kind: "deploy", title: `deploy ${id}` }, ts);
const all = { from: 0, to: NOW + DAY, most: 100 };

describe.each(["SQLite", "Postgres"] as const)("annotations in an archive in %s", (database) => {
  let storage: ArchiveStorage;
  let archive: Archive;
  beforeEach(async () => {
    storage = await DATABASES[database]();
    archive = storage.create({ retention });
    await archive.open();
  });
  afterEach(() => storage.destroy());

  const request = (expected: FoldRequest["expected"], ...updates: Update[]): FoldRequest => ({
    ...{ expected, cursor: updates.at(-1)!.id, until: NOW, aliveAt: NOW, updates, outages: [], now: NOW },
  });
  const keys = async () => (await archive.annotations(all)).map(({ key }) => key);

  it("[A6][A1] are stored with the cursor: of two nodes that go on from one place, one stores", async () => {
    const other = storage.create({ retention });
    await other.open();
    const first = request("", deploy("1-0"), deploy("2-0"));
    expect(await archive.fold(first)).toMatchObject({ stored: true });
    expect(await other.fold(first)).toMatchObject({ stored: false });
    expect(await keys()).toEqual(["2-0.0", "1-0.0"]);
    // What a cursor was moved for by somebody else is not stored either.
    expect(await other.fold(request("", deploy("3-0")))).toMatchObject({ stored: false });
    expect(await keys()).toEqual(["2-0.0", "1-0.0"]);
  });

  it("[A6][A1] nothing of a batch is there when storing it fails", async () => {
    await storage.run("drop table history_annotation");
    await expect(archive.fold(request("", deploy("1-0")))).rejects.toThrow();
    expect(await archive.position()).toMatchObject({ cursor: "" });
    const fresh = storage.create({ retention });
    await fresh.open();
    expect(await fresh.fold(request("", deploy("1-0")))).toMatchObject({ stored: true });
    expect(await keys()).toEqual(["1-0.0"]);
  });

  it("[A6] are taken back in the same batch or a later one, whichever items surround them", async () => {
    const items: Row[] = [{ kind: "note", title: "a" }, { removes: "1-0.0" }, { kind: "note", title: "b" }];
    await archive.fold(
      request("", deploy("1-0"), { id: "2-0", ch: ANNOTATIONS, ts: NOW, items }, deploy("3-0")),
    );
    expect(await keys()).toEqual(["3-0.0", "2-0.2", "2-0.0"]);
    await archive.fold(request("3-0", said("4-0", { removes: "2-0.2" }), said("5-0", { removes: "9-9.9" })));
    expect(await keys()).toEqual(["3-0.0", "2-0.0"]);
  });

  it("[A6] are found by range, newest first, as many as are wanted", async () => {
    const long = said("5-0", { kind: "incident", title: "long", until: NOW - HOUR }, NOW - 10 * HOUR);
    const others = [4, 3, 2, 1].map((hours, i) => deploy(`${6 + i}-0`, NOW - hours * HOUR));
    await archive.fold(request("", long, ...others));
    const range = (from: number, to: number, most = 9) =>
      archive
        .annotations({ from: NOW + from * HOUR, to: NOW + to * HOUR, most })
        .then((found) => found.map(({ key }) => key));
    expect(await range(-3, -1)).toEqual(["8-0.0", "7-0.0", "5-0.0"]);
    expect(await range(-4, 0, 2)).toEqual(["9-0.0", "8-0.0"]);
    expect(await range(-11, -10)).toEqual([]);
    expect(await archive.annotation("5-0.0")).toEqual({
      ...{ key: "5-0.0", at: NOW - 10 * HOUR, until: NOW - HOUR, kind: "incident", title: "long" },
    });
    expect(await archive.annotation("nothing")).toBeUndefined();
  });

  it("[A6] are kept as long as the coarsest tier, a stretch from its end", async () => {
    const stretch = said("3-0", { kind: "note", title: "s", until: NOW - KEPT + DAY }, NOW - KEPT - DAY);
    await archive.fold(
      request(
        "",
        deploy("1-0", NOW - KEPT - 1),
        deploy("2-0", NOW - KEPT + HOUR),
        stretch,
        deploy("4-0", NOW),
      ),
    );
    expect(await keys()).toEqual(["4-0.0", "2-0.0", "3-0.0"]);
    const prune = async (now: number) => {
      for (;;) if ((await archive.prune(now)).isRoundOver) return;
    };
    await prune(NOW);
    expect(await keys()).toEqual(["4-0.0", "2-0.0", "3-0.0"]);
    await prune(NOW + 2 * HOUR);
    expect(await keys()).toEqual(["4-0.0", "3-0.0"]);
    await prune(NOW + 2 * DAY);
    expect(await keys()).toEqual(["4-0.0"]);
  });
});
