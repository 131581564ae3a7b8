import { CodedError } from "@/lib/shared/codes";
import { problemOf } from "../http/problem";
import { readBody } from "../http/read-body";
import { currentVisit } from "../http/visit";
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
import type { Entry, Intake } from "./ingest-intake";

const BODY_TIMEOUT_MS = 10_000;

/** T5: `POST /api/ingest/:channel`. */
export class Ingest {
  constructor(private readonly intake: Intake) {}

  /** 202 `{accepted, cursor}` after commit (L3); a long NDJSON upload answers with a line per group. */
  async handle(request: Request, name: string): Promise<Response> {
    const entry = await this.intake.enter(name, {
      // RFC 9110, 11.1: the scheme is "a case-insensitive token".
      key: /^Bearer (.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1],
      address: currentVisit()?.address ?? "",
    });
    const type = bodyType(request);
    const key = readIdempotencyKey(request);
    const by = readProducer(request);
    if (type === "ndjson" && isLong(request)) {
      if (key !== undefined) {
        const detail = "A long upload is stored in groups: a key cannot cover it.";
        throw new CodedError("invalid_idempotency_key", detail, { field: "Idempotency-Key" });
      }
      return this.stream(request, entry, by);
    }
    const body = await readBody(request, { maxBytes: MAX_BODY_BYTES, timeoutMs: BODY_TIMEOUT_MS });
    const values = type === "ndjson" ? parseLines(body) : [parseJson(body)].flat(1);
    const updates = this.intake.check(entry, values, by);
    const idempotency = key === undefined ? undefined : { key, content: `${by ?? ""}\n${body}` };
    const cursor = await this.intake.store(entry, { updates, idempotency });
    return Response.json(
      { accepted: updates.length, cursor },
      { status: 202, headers: { "Cache-Control": "no-store" } },
    );
  }

  /** Groups are stored as they arrive; a faulty group is reported and the next one goes on. */
  private stream(request: Request, entry: Entry, by: string | undefined): Response {
    const report = new TextEncoder();
    const stream = new ReadableStream<Uint8Array>({
      start: async (controller) => {
        const tell = (line: object) => controller.enqueue(report.encode(`${JSON.stringify(line)}\n`));
        try {
          let first = 0;
          for await (const group of groupsOfLines(request)) {
            const lines = { first: first + 1, last: first + group.length };
            await this.intake.recheck(entry);
            try {
              const values = parseLines(group.join("\n"), first);
              const updates = this.intake.check(entry, values, by, first);
              const cursor = await this.intake.storePart(entry, updates, request.signal);
              tell({ lines, accepted: updates.length, cursor });
            } catch (error) {
              tell({ lines, error: problemOf(error) });
            }
            first += group.length;
          }
        } catch (error) {
          tell({ error: problemOf(error) });
        }
        controller.close();
      },
    });
    return new Response(stream, {
      headers: { "Content-Type": "application/x-ndjson", "Cache-Control": "no-store" },
    });
  }
}
