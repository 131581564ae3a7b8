import type { NewUpdate, Place } from "@/lib/server/log/log";
import type { Channel, Row } from "@/lib/shared/define-channel";

/** What was taken and not stored yet, as the policy `latest` keeps it: of each metric or row the newest. */
export interface Latest {
  /** `now`: when they came, ms. */
  add(updates: readonly NewUpdate[], now: number, place?: Place): void;
  /** What is to be stored now; nothing is kept. */
  drain(): { updates: NewUpdate[]; places: Place[] };
}

/** Its size is bounded by the channel's metrics or rows. */
export function keepLatest(channel: Channel): Latest {
  /** With each metric's value its source time, if it has one, and its rank, as a record's state ranks it (L6). */
  const values = new Map<string, { value: number | null; ts?: number; rank: number }>();
  const rows = new Map<string, Row | null>();
  /** Rows that were deleted before they came again: they begin anew. */
  const deleted = new Set<string>();
  const places = new Map<string, Place>();
  let rowsTs: number | undefined;
  /** Stands for the ids that they would have had: it only grows, whatever the clock does. */
  let arrival = 0;

  function set({ set, ts }: NewUpdate): void {
    const rank = Math.min(ts ?? arrival, arrival);
    for (const [metric, value] of Object.entries(set ?? {})) {
      const kept = values.get(metric);
      // A late one does not replace what is newer.
      if (kept && rank < kept.rank) continue;
      values.set(metric, { value, ts, rank });
    }
  }

  function upsert({ rows: changed, ts }: NewUpdate): void {
    for (const [key, row] of Object.entries(changed ?? {})) {
      const kept = rows.get(key);
      if (row && kept === null) deleted.add(key);
      rows.set(key, row && kept ? { ...kept, ...row } : row);
    }
    if (ts !== undefined) rowsTs = Math.max(rowsTs ?? 0, ts);
  }

  /** An update for each source time, oldest first. */
  function record(): NewUpdate[] {
    const byTime = new Map<number | undefined, Record<string, number | null>>();
    for (const [metric, { value, ts }] of values) {
      const set = byTime.get(ts) ?? {};
      set[metric] = value;
      byTime.set(ts, set);
    }
    const inOrder = [...byTime].sort(([a = Infinity], [b = Infinity]) => a - b);
    return inOrder.map(([ts, set]) => ({ ch: channel.name, set, ...(ts !== undefined && { ts }) }));
  }

  function table(): NewUpdate[] {
    if (rows.size === 0) return [];
    const ts = rowsTs === undefined ? {} : { ts: rowsTs };
    const before = Object.fromEntries([...deleted].map((key) => [key, null]));
    const update = { ch: channel.name, rows: Object.fromEntries(rows), ...ts };
    return deleted.size === 0 ? [update] : [{ ch: channel.name, rows: before, ...ts }, update];
  }

  return {
    add(updates, now, place) {
      arrival = Math.max(arrival, now);
      for (const update of updates) channel.kind === "record" ? set(update) : upsert(update);
      if (!place) return;
      const kept = places.get(place.of);
      places.set(place.of, kept && place.after !== undefined ? { ...place, after: kept.after } : place);
    },

    drain() {
      const drained = {
        updates: channel.kind === "record" ? record() : table(),
        places: [...places.values()],
      };
      values.clear();
      rows.clear();
      deleted.clear();
      places.clear();
      rowsTs = undefined;
      return drained;
    },
  };
}
