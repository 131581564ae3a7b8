import { createHash } from "node:crypto";
import { CodedError } from "@/lib/shared/codes";
import type { Cursor } from "@/lib/shared/cursor";
import type { Channel, TableChannel } from "@/lib/shared/define-channel";
import { rowAt, type TableState } from "@/lib/shared/state";
import type { Hub } from "../hub/hub";
import type { Log, NewUpdate } from "../log/log";
import type { IngestAccess, Sender, Shown } from "./ingest-access";
import { IngestRate } from "./ingest-rate";
import { ingestValidator, type Validate } from "./ingest-schema";

/** The most updates of one body or event. */
export const MAX_UPDATES = 5000;

export interface IntakeOptions {
  log: Pick<Log, "append">;
  hub: Pick<Hub, "state">;
  channels: readonly Channel[];
  access: IngestAccess;
  /** Updates per second from one producer that has no rate of its own. */
  perSecond: number;
  now: () => number;
  /** Is told how many updates were stored. */
  stored: (channel: string, updates: number) => void;
}

/** What a producer was let in for. */
export interface Entry {
  channel: Channel;
  validate: Validate;
  sender: Sender;
  shown: Shown;
}

/** What is stored all or nothing. */
export interface Parcel {
  updates: NewUpdate[];
  idempotency?: { key: string /** Tells apart what was sent. */; content: string };
}

/** What ingest does whatever the transport (T5): who may send what, how much of it, and storing it. */
export class Intake {
  private readonly targets: Map<string, Pick<Entry, "channel" | "validate">>;
  private readonly rate: IngestRate;

  constructor(private readonly options: IntakeOptions) {
    this.targets = new Map(
      options.channels.map((channel) => [channel.name, { channel, validate: ingestValidator(channel) }]),
    );
    this.rate = new IngestRate(options.perSecond);
  }

  /** Nothing is told about channels before the key is known to be good. */
  async enter(name: string, shown: Shown): Promise<Entry> {
    const sender = await this.options.access.senderOf(shown);
    const target = this.targets.get(name);
    if (!target)
      throw new CodedError("unknown_channel", `There is no channel "${name}".`, { field: "channel" });
    if (sender.channels && !sender.channels.includes(name)) {
      const detail = `This key is not for "${name}" but for: ${sender.channels.join(", ")}.`;
      throw new CodedError("forbidden_channel", detail, { field: "channel" });
    }
    if (target.channel.filledBy !== "ingest") throw new CodedError("not_ingestable");
    this.rate.check(sender);
    return { ...target, sender, shown };
  }

  /** For what goes on after it was let in: the key may have been revoked since. Rejects as `enter` does. */
  async recheck({ shown }: Entry): Promise<void> {
    await this.options.access.senderOf(shown);
  }

  /** `first` is how many values came before these in the same upload. */
  check({ channel, validate }: Entry, values: unknown[], by: string | undefined, first = 0): NewUpdate[] {
    if (values.length === 0) throw new CodedError("bad_request", "The body holds no update.");
    if (values.length > MAX_UPDATES)
      throw new CodedError("payload_too_large", `At most ${MAX_UPDATES} updates go into one body.`);
    const now = this.options.now();
    const updates = values.map((value, i) => ({
      ...validate(value, now, values.length > 1 || first > 0 ? first + i : undefined),
      ...(by !== undefined && { by }),
    }));
    if (channel.kind === "table")
      refuseFullTable(channel, this.options.hub.state(channel.name) as TableState, updates);
    return updates;
  }

  /** Stores them all or not at all. */
  async store({ channel, sender }: Entry, { updates, idempotency }: Parcel): Promise<Cursor> {
    this.rate.take(sender, updates.length);
    const { cursor, replayed } = await this.options.log.append({
      updates,
      ...(idempotency && {
        idempotency: {
          scope: `${sender.scope}:${channel.name}`,
          key: idempotency.key,
          fingerprint: createHash("sha256").update(idempotency.content).digest("hex"),
        },
      }),
    });
    if (!replayed) this.options.stored(channel.name, updates.length);
    return cursor;
  }

  /** The same for a part of a long upload, which is slowed down instead of refused. */
  async storePart({ channel, sender }: Entry, updates: NewUpdate[], signal: AbortSignal): Promise<Cursor> {
    await this.rate.wait(sender, updates.length, signal);
    const { cursor } = await this.options.log.append({ updates });
    this.options.stored(channel.name, updates.length);
    return cursor;
  }
}

function refuseFullTable(channel: TableChannel, state: TableState, updates: NewUpdate[]): void {
  const added = new Set(
    updates
      .flatMap((update) => Object.keys(update.rows ?? {}))
      .filter((key) => rowAt(state, key) === undefined),
  );
  if (added.size > 0 && Object.keys(state.rows).length + added.size > channel.maxRows) {
    throw new CodedError("table_full", `${channel.name} holds at most ${channel.maxRows} rows.`);
  }
}
