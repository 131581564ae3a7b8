import { createHash } from "node:crypto";
import {
  ANNOTATIONS,
  type Annotation,
  type AnnotationList,
  annotationChange,
  annotationOf,
  MAX_ANNOTATIONS,
  mergeAnnotations,
  touches,
} from "@/lib/shared/annotations";
import { CodedError } from "@/lib/shared/codes";
import { idMs, parseCursor } from "@/lib/shared/cursor";
import type { Channel } from "@/lib/shared/define-channel";
import type { ChannelState, FeedState } from "@/lib/shared/state";
import type { Span } from "@/lib/shared/time-range";
import type { ArchivedAnnotations } from "../history/history-annotations";
import { checkRange, readTime } from "../history/history-query";
import { countedAs } from "../http/client-address";
import { readBody } from "../http/read-body";
import { taggedJson } from "../http/tagged-json";
import { currentVisit } from "../http/visit";
import type { Log, NewUpdate } from "../log/log";
import { bodyType, parseJson, readIdempotencyKey } from "./ingest-body";
import { IngestRate } from "./ingest-rate";
import { ingestValidator } from "./ingest-schema";

/** One address writes or removes at most so many a second, twice as many at once: people do it. */
const PER_SECOND = 5;
const MAX_BODY_BYTES = 16 * 1024;
const BODY_TIMEOUT_MS = 10_000;

export interface AnnotationsOptions {
  log: Pick<Log, "append">;
  channels: readonly Channel[];
  /** The state of a channel that is served. */
  stateOf: (channel: string) => ChannelState | undefined;
  archived: ArchivedAnnotations;
  now: () => number;
}

/** `{from, to}` in ms. Throws `invalid_range` and `history_unavailable`. */
export type ReadAnnotations = (range: Span) => Promise<AnnotationList>;

/** What happened when (A6): read by range, and added and removed by hand. Producers add through ingest. */
export interface Annotations {
  read: ReadAnnotations;
  /** `GET /api/annotations?from=&to=`, times as ms or ISO 8601, with ETag and 304. */
  list(request: Request): Promise<Response>;
  /** `POST /api/annotations`: one, as ingest takes it. 201 with the annotation. */
  add(request: Request): Promise<Response>;
  /** `DELETE /api/annotations/:key`: takes back one that was added by hand. 204. */
  remove(key: string): Promise<Response>;
}

/** A deployment without the channel answers `unknown_channel`. */
export function createAnnotations(options: AnnotationsOptions): Annotations {
  const { log, channels, stateOf, archived, now } = options;
  const channel = channels.find(({ name }) => name === ANNOTATIONS);
  const validate = channel && ingestValidator(channel);
  const rate = new IngestRate(PER_SECOND);

  function feed(): Pick<FeedState, "items" | "count"> {
    if (!channel) throw new CodedError("unknown_channel");
    const state = stateOf(ANNOTATIONS);
    return state?.kind === "feed" ? state : { items: [], count: 0 };
  }

  /** The archive may not have yet, or not drop yet, what the feed says. */
  async function read({ from, to }: Span): Promise<AnnotationList> {
    checkRange({ from, to }, now());
    const { items, count } = feed();
    const change = annotationChange(items);
    // What has left the feed can only be in the archive.
    const [oldest] = items;
    if (oldest && count > items.length)
      await archived.reach(oldest.key.slice(0, oldest.key.lastIndexOf(".")));
    const stored = await archived.within({ from, to, most: MAX_ANNOTATIONS + 1 });
    const all = mergeAnnotations(stored, change).filter((annotation) => touches(annotation, { from, to }));
    const more = Math.max(stored.length, all.length) > MAX_ANNOTATIONS;
    return { from, to, annotations: all.slice(-MAX_ANNOTATIONS), ...(more && { more }) };
  }

  async function find(key: string): Promise<Annotation | undefined> {
    const { added, removed } = annotationChange(feed().items);
    return removed.has(key) ? undefined : (added.get(key) ?? archived.one(key));
  }

  return {
    read,

    async list(request) {
      const query = new URL(request.url).searchParams;
      const time = (name: string) => readTime(query.get(name), name);
      return taggedJson(request, await read({ from: time("from"), to: time("to") }));
    },

    async add(request) {
      if (!validate) throw new CodedError("unknown_channel");
      takeTurn(rate);
      if (bodyType(request) !== "json")
        throw new CodedError("unsupported_media_type", "Send application/json.", { field: "Content-Type" });
      const key = readIdempotencyKey(request);
      const body = await readBody(request, { maxBytes: MAX_BODY_BYTES, timeoutMs: BODY_TIMEOUT_MS });
      const update = byHand(validate(parseJson(body), now()));
      const fingerprint = createHash("sha256").update(body).digest("hex");
      const { cursor } = await log.append({
        updates: [update],
        ...(key !== undefined && { idempotency: { scope: ANNOTATIONS, key, fingerprint } }),
      });
      const { id } = parseCursor(cursor)!;
      const [item] = update.items!;
      const added = annotationOf({ key: `${id}.0`, ts: update.ts ?? idMs(id), item: item! });
      return Response.json(added, { status: 201, headers: { "Cache-Control": "no-store" } });
    },

    async remove(key) {
      takeTurn(rate);
      const found = await find(key);
      if (!found) throw new CodedError("not_found", "There is no such annotation.");
      if (!found.byHand) throw new CodedError("not_removable");
      await log.append({ updates: [{ ch: ANNOTATIONS, items: [{ removes: key }] }] });
      return new Response(null, { status: 204, headers: { "Cache-Control": "no-store" } });
    },
  };
}

function takeTurn(rate: IngestRate): void {
  rate.take({ name: countedAs(currentVisit()?.address ?? "") }, 1);
}

function byHand(update: NewUpdate): NewUpdate {
  return { ...update, items: update.items?.map((item) => ({ ...item, byHand: true })) };
}
