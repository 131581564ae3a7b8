import type { Cell, Channel, FeedChannel, RecordChannel, TableChannel } from "@/lib/shared/define-channel";
import type { Change } from "@/lib/shared/state";

/** What a producer sends to a channel: as `POST /api/ingest/<channel>` takes it. */
export type ReadingOf<C extends Channel> =
  C extends RecordChannel<infer M>
    ? Partial<Record<M, number | null>>
    : C extends TableChannel<infer K>
      ? Partial<Record<K, Cell>> & { $delete?: true }
      : C extends FeedChannel<infer F>
        ? Partial<Record<F, Cell>>
        : never;

/** Turns what a producer sends into a change of the channel's state, without the checks of ingest. */
export function changeOf(channel: Channel, reading: Readonly<Record<string, Cell | undefined>>): Change {
  const known = Object.fromEntries(Object.entries(reading).filter(([, value]) => value !== undefined));
  const row = known as Record<string, Cell>;
  if (channel.kind === "record") return { set: row as Record<string, number | null> };
  if (channel.kind === "feed") return { items: [row] };
  const { $delete, ...columns } = row;
  return { rows: { [String(row[channel.table.key])]: $delete ? null : columns } };
}
