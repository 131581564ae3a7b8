import { z } from "zod";
import { type Code, CodedError, codeOf, type Problem } from "@/lib/shared/codes";
import type { Cursor } from "@/lib/shared/cursor";
import { problemOf } from "../http/problem";
import { checkIdempotencyKey, checkProducer } from "./ingest-body";
import type { Intake } from "./ingest-intake";

/** Events of one socket that are not answered yet. */
const MAX_PENDING = 16;
/** What an event counts as while it is under way: the most that a socket takes in one message, bytes. */
export const MAX_MESSAGE_BYTES = 64 * 1024;

/** `updates`: one, or an array; each as in a body of HTTP. */
const eventSchema = z.strictObject({
  channel: z.string(),
  // Looked into by the channel's own check, which is flat: what is nested deeply is never walked through.
  updates: z.unknown(),
  idempotencyKey: z.unknown().optional(),
  by: z.unknown().optional(),
});

export type IngestReply = { ok: true; accepted: number; cursor: Cursor } | { ok: false; error: Problem };

export interface EventIngestOptions {
  /** The one for the channels that are served now. */
  intake: () => Intake;
  /** Refuses work of so many bytes, or counts it in and returns how to count it out. */
  admit: (bytes: number) => { code: Code; retryAfter?: number } | (() => void);
  /** Is told of each refusal. */
  refused: (code: Code) => void;
  /** Is told of faults of the server's own. */
  report: (error: unknown) => void;
}

/** What a socket says of itself: `auth.key` of its handshake, and where it came from. */
export interface SocketProducer {
  key: unknown;
  address: string;
}

export type EventIngest = (producer: SocketProducer) => (input: unknown) => Promise<IngestReply>;

/** T1, T5: the event `ingest` of one socket, with the same checks and bounds as over HTTP. Never rejects. */
export function createEventIngest(options: EventIngestOptions): EventIngest {
  const { intake: current, admit, refused, report } = options;
  async function take(input: unknown, { key, address }: SocketProducer): Promise<IngestReply> {
    const shown = { key: typeof key === "string" ? key : undefined, address };
    // The key comes first, as who has none is told nothing else.
    const intake = current();
    const entry = await intake.enter(channelIn(input), shown);
    const event = eventSchema.safeParse(input);
    if (!event.success) {
      const [issue] = event.error.issues;
      const field = issue?.code === "unrecognized_keys" ? issue.keys[0] : issue?.path.join(".");
      throw new CodedError("bad_request", `${field}: ${issue?.message}`, { field });
    }
    const idempotencyKey = checkIdempotencyKey(event.data.idempotencyKey, "idempotencyKey");
    const by = checkProducer(event.data.by, "by");
    const updates = intake.check(entry, [event.data.updates].flat(1), by);
    // As the same JSON over HTTP, without spaces: a producer may change the transport and try again.
    const content = `${by ?? ""}\n${JSON.stringify(event.data.updates)}`;
    const idempotency = idempotencyKey === undefined ? undefined : { key: idempotencyKey, content };
    const cursor = await intake.store(entry, { updates, idempotency });
    return { ok: true, accepted: updates.length, cursor };
  }

  return (producer) => {
    let pending = 0;
    return async (input) => {
      pending += 1;
      let leave = () => {};
      try {
        if (pending > MAX_PENDING) {
          const detail = `At most ${MAX_PENDING} events of a socket wait for their answer.`;
          throw new CodedError("overloaded", detail, { retryAfter: 1 });
        }
        const admitted = admit(MAX_MESSAGE_BYTES);
        if (typeof admitted !== "function")
          throw new CodedError(admitted.code, undefined, { retryAfter: admitted.retryAfter });
        leave = admitted;
        return await take(input, producer);
      } catch (error) {
        const code = codeOf(error);
        refused(code ?? "internal");
        if (code === undefined) report(error);
        return { ok: false, error: problemOf(error) };
      } finally {
        leave();
        pending -= 1;
      }
    };
  };
}

function channelIn(input: unknown): string {
  const { channel } = (input ?? {}) as { channel?: unknown };
  return typeof channel === "string" ? channel : "";
}
