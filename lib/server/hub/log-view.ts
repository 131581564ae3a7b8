import { type Cursor, compareIds, formatCursor, parseCursor, type UpdateId } from "@/lib/shared/cursor";
import type { Channel } from "@/lib/shared/define-channel";
import {
  apply,
  type ChannelState,
  emptyState,
  type RecordState,
  type TableState,
  type Update,
} from "@/lib/shared/state";
import type { Committed, Log } from "../log/log";
import { ACCESS_CHANNEL } from "./access";
import { RecentSeries, SERIES_MS } from "./recent-series";
import { type Entry, Ring } from "./ring";

/** How much one read of the engine takes at start, bytes. */
const REPLAY_BYTES = 1024 * 1024;

/**
 * Everything that follows from the log alone: the state of all channels, the newest updates and the recent
 * series, all true at `head`. It changes only in `accept`, in one synchronous step per update (L6).
 */
export class LogView {
  epoch = "";
  head: UpdateId = "0-0";
  ring = new Ring("0-0");
  series = new RecentSeries();
  private readonly empty: ReadonlyMap<string, ChannelState>;
  private states: Map<string, ChannelState>;

  constructor(channels: readonly Channel[]) {
    this.empty = new Map<string, ChannelState>([
      ...channels.map((channel) => [channel.name, emptyState(channel)] as const),
      [ACCESS_CHANNEL, { kind: "table", asOf: null, rows: {} }],
    ]);
    this.states = new Map(this.empty);
  }

  /**
   * Loads the checkpoint and replays the log over it (H5). Reading begins where the series do, `SERIES_MS`
   * before `now`, or at the checkpoint when that is older, so that memory begins warm. Without a checkpoint it
   * begins at the floor; also when the checkpoint lacks a channel, as when a node of an older version saved it.
   */
  async load(log: Log, now: number): Promise<void> {
    const { epoch, floor, head, checkpoint } = await log.open();
    this.epoch = epoch;
    const known = checkpoint?.id ?? floor;
    const lacking = checkpoint ? this.restore(checkpoint.states) : new Set<string>();
    const warmFrom = lacking.size > 0 ? floor : await log.seek(now - SERIES_MS);
    this.head = compareIds(known, warmFrom) < 0 ? known : warmFrom;
    this.ring = new Ring(this.head);
    const earlier = this.recordsBefore();
    while (compareIds(this.head, head) < 0) {
      const read = await log.read(this.head, REPLAY_BYTES);
      if (read.status === "gone") throw new Error("the log lost entries while it was being read");
      for (const update of read.updates) {
        if (compareIds(update.id, known) > 0 || lacking.has(update.ch)) this.accept(update);
        else this.warm(update, earlier);
      }
      this.head = read.to;
    }
  }

  /** Takes over everything of another view, in one step. */
  become({ epoch, head, ring, series, states }: LogView): void {
    Object.assign(this, { epoch, head, ring, series, states });
  }

  /** Takes the next update of the log. */
  accept(update: Update): Entry {
    const state = this.states.get(update.ch);
    if (state) this.advance(this.states, update, state);
    return this.remember(update);
  }

  /**
   * The records as they were where reading begins, as far as it is known: a metric that no update sets from
   * there to the checkpoint has had the checkpoint's value all along.
   */
  private recordsBefore(): Map<string, ChannelState> {
    const records = [...this.states].filter(([, state]) => state.kind === "record");
    return new Map(records.map(([name, state]) => [name, { ...state, ts: {} } as RecordState]));
  }

  /** An update that the restored state already holds: `earlier` follows it for the series alone. */
  private warm(update: Update, earlier: Map<string, ChannelState>): void {
    const state = earlier.get(update.ch);
    if (state?.kind === "record") {
      // A metric that is set for the first time had another value before, and nobody knows which.
      for (const metric of Object.keys(update.set ?? {}))
        if (!Object.hasOwn(state.ts, metric)) this.series.forget(update.ch, metric);
      this.advance(earlier, update, state);
    }
    this.remember(update);
  }

  private advance(states: Map<string, ChannelState>, update: Update, state: ChannelState): void {
    const next = apply(state, update);
    states.set(update.ch, next);
    if (next.kind === "record") this.series.add(update, next);
  }

  private remember(update: Update): Entry {
    const entry = { update, bytes: JSON.stringify(update).length };
    this.ring.push(entry);
    this.head = update.id;
    return entry;
  }

  state(channel: string): ChannelState | undefined {
    return this.states.get(channel);
  }

  get access(): TableState {
    return this.states.get(ACCESS_CHANNEL) as TableState;
  }

  snapshot(channels: Iterable<string>): Record<string, ChannelState> {
    const result: Record<string, ChannelState> = {};
    for (const channel of channels) {
      const state = this.states.get(channel);
      if (state) result[channel] = state;
    }
    return result;
  }

  checkpoint() {
    return { id: this.head, states: Object.fromEntries(this.states) };
  }

  cursor(id: UpdateId = this.head): Cursor {
    return formatCursor(this.epoch, id);
  }

  /** The id that a cursor stands for in this log, or `undefined` when it is of another log (L5). */
  resolve(cursor: Cursor): UpdateId | undefined {
    const parsed = parseCursor(cursor);
    return parsed?.epoch === this.epoch ? parsed.id : undefined;
  }

  /**
   * A channel that was redefined with another kind begins empty; a feed keeps as many as it says now. Gives the
   * channels that are not among the saved ones.
   */
  private restore(saved: Record<string, ChannelState>): Set<string> {
    const lacking = new Set<string>();
    for (const [name, empty] of this.empty) {
      const state = saved[name];
      if (!state) lacking.add(name);
      if (state?.kind !== empty.kind) continue;
      this.states.set(
        name,
        state.kind === "feed" && empty.kind === "feed" ? { ...state, keep: empty.keep } : state,
      );
    }
    return lacking;
  }
}

/** Does `committed` follow on `head`? `old`: all of it is known. `hole`: something is missing between them. */
export function follows(head: UpdateId, committed: Committed): "next" | "old" | "hole" {
  if (compareIds(committed.to, head) <= 0) return "old";
  return committed.from === head ? "next" : "hole";
}
