import { createHash, timingSafeEqual } from "node:crypto";
import { CodedError, toProblem } from "@/lib/shared/codes";
import type { Channel, TableChannel } from "@/lib/shared/define-channel";
import { rowAt, type TableState } from "@/lib/shared/state";
import { countedAs } from "../http/client-address";
import { readBody } from "../http/read-body";
import { currentVisit } from "../http/visit";
import type { Hub } from "../hub/hub";
import type { Log, NewUpdate } from "../log/log";
import {
  bodyType,
  groupsOfLines,
  isLong,
  MAX_BODY_BYTES,
  parseJson,
  parseLines,
  readIdempotencyKey,
  readProducer,
} from "./ingest-body";
import { IngestRate } from "./ingest-rate";
import { ingestValidator, type Validate } from "./ingest-schema";

const MAX_UPDATES = 5000;
const BODY_TIMEOUT_MS = 10_000;

export interface IngestOptions {
  log: Pick<Log, "append">;
  hub: Hub;
  channels: readonly Channel[];
  /** If set, producers must show it. */
  key?: string;
  /** Updates per second from one producer. */
  perSecond: number;
  now: () => number;
  /** Is told how many updates were stored. */
  stored: (channel: string, updates: number) => void;
}

interface Target {
  channel: Channel;
  validate: Validate;
  /** Who sends, as the rate is counted. */
  producer: string;
}

/** T5: `POST /api/ingest/:channel`. */
export class Ingest {
  private readonly targets: Map<string, Omit<Target, "producer">>;
  private readonly rate: IngestRate;

  constructor(private readonly options: IngestOptions) {
    this.targets = new Map(
      options.channels.map((channel) => [channel.name, { channel, validate: ingestValidator(channel) }]),
    );
    this.rate = new IngestRate(options.perSecond);
  }

  /** 202 `{accepted, cursor}` after commit (L3); a long NDJSON upload answers with a line per group. */
  async handle(request: Request, name: string): Promise<Response> {
    const scope = this.authenticate(request);
    const known = this.targets.get(name);
    if (!known)
      throw new CodedError("unknown_channel", `There is no channel "${name}".`, { field: "channel" });
    if (known.channel.filledBy !== "ingest") throw new CodedError("not_ingestable");
    const target = { ...known, producer: this.producer(scope) };
    this.rate.check(target.producer);
    const type = bodyType(request);
    const idempotencyKey = readIdempotencyKey(request);
    const by = readProducer(request);
    if (type === "ndjson" && isLong(request)) {
      if (idempotencyKey !== undefined) {
        throw new CodedError(
          "invalid_idempotency_key",
          "A long upload is stored in groups: a key cannot cover it.",
        );
      }
      return this.stream(request, target, by);
    }
    const body = await readBody(request, { maxBytes: MAX_BODY_BYTES, timeoutMs: BODY_TIMEOUT_MS });
    const values = type === "ndjson" ? parseLines(body) : [parseJson(body)].flat(1);
    const updates = this.validate(target, values, by);
    this.rate.take(target.producer, updates.length);
    const { cursor, replayed } = await this.options.log.append({
      updates,
      ...(idempotencyKey !== undefined && {
        idempotency: {
          scope: `${scope}:${name}`,
          key: idempotencyKey,
          fingerprint: sha256(`${by ?? ""}\n${body}`),
        },
      }),
    });
    if (!replayed) this.options.stored(name, updates.length);
    return Response.json(
      { accepted: updates.length, cursor },
      { status: 202, headers: { "Cache-Control": "no-store" } },
    );
  }

  private validate(
    { channel, validate }: Omit<Target, "producer">,
    values: unknown[],
    by: string | undefined,
    first = 0,
  ): NewUpdate[] {
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

  /** Groups are stored as they arrive; a faulty group is reported and the next one goes on. */
  private stream(request: Request, target: Target, by: string | undefined): Response {
    const report = new TextEncoder();
    const stream = new ReadableStream<Uint8Array>({
      start: async (controller) => {
        const tell = (line: object) => controller.enqueue(report.encode(`${JSON.stringify(line)}\n`));
        try {
          let first = 0;
          for await (const group of groupsOfLines(request)) {
            const lines = { first: first + 1, last: first + group.length };
            try {
              const updates = this.validate(target, parseLines(group.join("\n"), first), by, first);
              await this.rate.wait(target.producer, updates.length, request.signal);
              const { cursor } = await this.options.log.append({ updates });
              this.options.stored(target.channel.name, updates.length);
              tell({ lines, accepted: updates.length, cursor });
            } catch (error) {
              tell({ lines, error: toProblem(error) });
            }
            first += group.length;
          }
        } catch (error) {
          tell({ error: toProblem(error) });
        }
        controller.close();
      },
    });
    return new Response(stream, {
      headers: { "Content-Type": "application/x-ndjson", "Cache-Control": "no-store" },
    });
  }

  /** Keys are told apart; without one, addresses are. */
  private producer(scope: string): string {
    return this.options.key === undefined ? countedAs(currentVisit()?.address ?? "") : scope;
  }

  /** Returns the scope of idempotency keys: they are the property of who holds the ingest key. */
  private authenticate(request: Request): string {
    const { key } = this.options;
    if (key === undefined) return "open";
    // RFC 9110, 11.1: the scheme is "a case-insensitive token".
    const given = /^Bearer (.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? "";
    // Hashes have one length, so that the comparison takes the same time for any guess.
    if (!timingSafeEqual(Buffer.from(sha256(given)), Buffer.from(sha256(key))))
      throw new CodedError("unauthorized");
    return sha256(key).slice(0, 16);
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

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
