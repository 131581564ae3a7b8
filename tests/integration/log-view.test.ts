import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LogView } from "@/lib/server/hub/log-view";
import { SERIES_MS } from "@/lib/server/hub/recent-series";
import type { Log } from "@/lib/server/log/log";
import { idMs, type UpdateId, ZERO_ID } from "@/lib/shared/cursor";
import type { Change } from "@/lib/shared/state";
import { testChannels } from "../support/live-channels";
import { FaultyLog } from "../support/live-log";
import { idOf } from "../support/log-harness";
import { createSqliteStorage, type SqliteStorage } from "../support/log-sqlite";

const START = 1_800_000_000_000;
const MINUTE = 60_000;

let storage: SqliteStorage;
let log: Log;
/** The clock of the log, ms. */
let now: number;

beforeEach(async () => {
  storage = createSqliteStorage();
  now = START;
  log = storage.create({ now: () => now });
  await log.open();
});

afterEach(() => storage.destroy());

/** Appends one update `minutes` after the start. */
async function at(minutes: number, change: Change, ch = "gauges"): Promise<UpdateId> {
  now = START + minutes * MINUTE;
  return idOf((await log.append({ updates: [{ ch, ...change }] })).cursor);
}

/** A view that lived through everything in the log, from its beginning. */
async function witness(): Promise<LogView> {
  const view = new LogView(testChannels);
  const read = await log.read(ZERO_ID, 1e9);
  if (read.status === "gone") throw new Error("gone");
  for (const update of read.updates) view.accept(update);
  return view;
}

/** A view that is loaded after a restart, and what it read from the engine. */
async function restart(): Promise<{ view: LogView; log: FaultyLog }> {
  await log.close();
  log = storage.create({ now: () => now });
  const counted = new FaultyLog(log);
  const view = new LogView(testChannels);
  await view.load(counted, now);
  return { view, log: counted };
}

function metric(view: LogView, name: string, ch = "gauges") {
  return view.series.read([ch])[ch]?.[name];
}

describe("the first reading of a log", () => {
  it("[H5] begins where the series do when the checkpoint is younger", async () => {
    const ids: UpdateId[] = [];
    for (let minute = 0; minute < 12; minute++) ids.push(await at(minute, { set: { a: minute } }));
    const before = await witness();
    await log.saveCheckpoint({ id: ids[9]!, states: Object.fromEntries(await statesAt(ids[9]!)) });
    const { view } = await restart();
    // Now is minute 11: the series go back to minute 6, and reading begins at the entry before.
    expect(SERIES_MS).toBe(5 * MINUTE);
    expect(view.ring.floor).toBe(ids[5]);
    expect(view.head).toBe(ids[11]);
    expect(view.ring.locate(ids[5]!)).toBe(0);
    expect(view.ring.locate(ids[4]!)).toBe("older");
    expect(view.snapshot(["gauges"])).toEqual(before.snapshot(["gauges"]));
    expect(metric(view, "a")).toEqual(
      [6, 7, 8, 9, 10, 11].map((minute) => [START + minute * MINUTE, minute]),
    );
  });

  it("[H5] begins at the checkpoint when that is older than the series", async () => {
    const ids: UpdateId[] = [];
    for (let minute = 0; minute < 12; minute++) {
      ids.push(await at(minute, { set: { a: minute } }));
      ids.push(await at(minute, { items: [{ page: `${minute}` }] }, "visits"));
    }
    const before = await witness();
    await log.saveCheckpoint({ id: ids[3]!, states: Object.fromEntries(await statesAt(ids[3]!)) });
    const { view } = await restart();
    expect(view.ring.floor).toBe(ids[3]);
    expect(view.head).toBe(ids.at(-1));
    // The feed counts what it has had: neither twice nor too little.
    expect(view.snapshot(["gauges", "visits"])).toEqual(before.snapshot(["gauges", "visits"]));
  });

  it("[H5] begins at the floor without a checkpoint", async () => {
    for (let minute = 0; minute < 12; minute++) await at(minute, { set: { a: minute } });
    const before = await witness();
    const { view } = await restart();
    expect(view.ring.floor).toBe(ZERO_ID);
    expect(view.snapshot(["gauges"])).toEqual(before.snapshot(["gauges"]));
  });

  it("[L6] has all of a channel that the checkpoint lacks, as a node of an older version saved it", async () => {
    await at(0, { set: { a: 1 } });
    await at(0, { set: { x: 1 } }, "meters");
    const newest = await at(1, { set: { a: 2 } });
    const before = await witness();
    const { meters: _, ...older } = Object.fromEntries(await statesAt(newest));
    await log.saveCheckpoint({ id: newest, states: older });
    now += 10 * MINUTE;
    const { view } = await restart();
    expect(view.snapshot(["gauges", "meters"])).toEqual(before.snapshot(["gauges", "meters"]));
  });

  it("[H5] reads nothing when everything is older than the series and in the checkpoint", async () => {
    const id = await at(0, { set: { a: 1 } });
    await log.saveCheckpoint({ id, states: Object.fromEntries(await statesAt(id)) });
    now += 10 * MINUTE;
    const { view, log: counted } = await restart();
    expect(counted.reads).toBe(0);
    expect(view).toMatchObject({ head: id });
    expect(view.ring.floor).toBe(id);
    expect(view.ring.locate(id)).toBe(0);
    expect(view.state("gauges")).toMatchObject({ values: { a: 1 } });
  });

  it("[H5] goes on from the newest entry when the clock was ahead and stepped back", async () => {
    const id = await at(60, { set: { a: 1 } });
    const next = await at(0, { set: { a: 2 } });
    expect(idMs(next)).toBe(idMs(id));
    const before = await witness();
    await log.saveCheckpoint({ id, states: Object.fromEntries(await statesAt(id)) });
    const { view } = await restart();
    expect(view.head).toBe(next);
    expect(view.snapshot(["gauges"])).toEqual(before.snapshot(["gauges"]));
  });

  it("[L6] gives a metric that does not change its whole series, and one that did only what is known", async () => {
    await at(0, { set: { a: 1, b: 10, c: 100 } });
    for (let minute = 1; minute < 12; minute++)
      await at(minute, { set: minute === 8 ? { a: minute, b: 20 } : { a: minute } });
    const before = await witness();
    const head = await log.confirm();
    await log.saveCheckpoint({ id: head, states: Object.fromEntries(await statesAt(head)) });
    const { view } = await restart();
    const recent = (name: string, from: number) =>
      metric(before, name)?.filter(([ts]) => ts >= START + from * MINUTE);
    expect(metric(view, "a")).toEqual(recent("a", 6));
    expect(metric(view, "c")).toEqual(recent("c", 6));
    expect(metric(view, "b")).toEqual(recent("b", 8));
  });
});

/** The states of the test channels after everything up to `id`. */
async function statesAt(id: UpdateId) {
  const view = new LogView(testChannels);
  const read = await log.read(ZERO_ID, 1e9);
  if (read.status === "gone") throw new Error("gone");
  for (const update of read.updates) {
    view.accept(update);
    if (update.id === id) break;
  }
  return Object.entries(view.checkpoint().states);
}
