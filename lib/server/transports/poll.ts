import { CodedError } from "@/lib/shared/codes";
import { idMs, parseCursor } from "@/lib/shared/cursor";
import type { Frame, Subscribe } from "@/lib/shared/protocol";
import type { Connections } from "../cluster/connections";
import { currentVisit } from "../http/visit";
import type { Hub } from "../hub/hub";
import type { Delivered, Deliveries } from "./delivered";
import { type ChannelNames, subscribeFromQuery } from "./subscription";

/** The longest that a request is held, s. */
const MAX_WAIT_S = 55;
/** A sparse reader that is held gets an answer no sooner than this, ms (H7). */
const SPARSE_MS = 1000;
/** After this long without news a reader's cursor is moved on by an empty frame, ms. */
const MOVE_ON_MS = 60_000;

export interface PollContext {
  hub: Hub;
  known: ChannelNames;
  viewer: string;
  connections: Connections;
  now: () => number;
  deliveries: Deliveries;
}

/** T3: `GET /api/live/poll?channels=a,b[&cursor=][&fresh=][&sparse=1][&wait=25]`: one frame, or 304. */
export async function poll(context: PollContext, request: Request): Promise<Response> {
  const { hub, known, viewer, now } = context;
  const query = new URL(request.url).searchParams;
  const asked = subscribeFromQuery(query, known);
  const longest = readWait(query.get("wait"));
  // Nobody reads the news that a HEAD would be held for.
  const wait = request.method === "HEAD" ? 0 : longest;
  const tag = cursorFromTag(request.headers.get("if-none-match"));
  // `cursor` wins over If-None-Match, which alone chooses only between 304 and a snapshot.
  const seen: Subscribe = asked.cursor === undefined && tag !== undefined ? { ...asked, cursor: tag } : asked;
  const delivered = wait > 0 ? context.deliveries.longPoll : context.deliveries.poll;
  const since = now();
  refuseWhenDelayed(hub);
  if (!hub.hasNews(viewer, seen)) {
    const came = wait > 0 && (await newsWithin(context, seen, wait * 1000, request.signal));
    if (!came) return quiet(context, seen, asked.cursor !== undefined, delivered);
  }
  // Meanwhile more may come, which is then in the same frame.
  const early = asked.sparse && wait > 0 ? since + SPARSE_MS - now() : 0;
  if (early > 0 && !hub.isDraining) await hub.wait([], early, request.signal);
  return frameResponse(await hub.read(viewer, asked), delivered);
}

/** Holds a request until there is news, for at most `ms`; false when there is none or it is to be answered anyway. */
async function newsWithin(
  { hub, viewer, connections, now }: PollContext,
  seen: Subscribe,
  ms: number,
  signal: AbortSignal,
): Promise<boolean> {
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  const remove = connections.add({
    transport: "long-poll",
    page: seen.page,
    address: currentVisit()?.address,
    lagMs: () => 0,
    bufferedBytes: () => 0,
    disconnect: () => ended.abort(),
  });
  const deadline = now() + ms;
  try {
    for (;;) {
      const left = deadline - now();
      // Nor is one held that comes while this node sends its viewers away: it is answered, and goes elsewhere.
      if (left <= 0 || either.aborted || hub.isDraining) return false;
      await hub.wait(seen.channels, Math.min(left, MAX_WAIT_S * 1000), either);
      refuseWhenDelayed(hub);
      if (hub.hasNews(viewer, seen)) return true;
    }
  } finally {
    remove();
  }
}

/** T4: `GET /api/live/snapshot?channels=a,b`. */
export async function snapshot({ hub, known, viewer }: PollContext, request: Request): Promise<Response> {
  const asked = subscribeFromQuery(new URL(request.url).searchParams, known, null);
  const tag = cursorFromTag(request.headers.get("if-none-match"));
  if (tag !== undefined && !hub.hasNews(viewer, { ...asked, cursor: tag })) {
    refuseWhenDelayed(hub);
    return notModified(tag);
  }
  return frameResponse(await hub.read(viewer, asked));
}

/** Nothing new: 304, or an empty frame when the cursor has stayed behind for a minute. */
async function quiet(
  { hub, viewer, now }: PollContext,
  seen: Subscribe,
  hasCursor: boolean,
  delivered: Delivered,
): Promise<Response> {
  const old = now() - idMs(parseCursor(seen.cursor)!.id) > MOVE_ON_MS;
  if (hasCursor && old && seen.cursor !== hub.cursor)
    return frameResponse(await hub.read(viewer, seen), delivered);
  return notModified(seen.cursor!);
}

/** A 304 would claim that all is well; without the log nobody knows (T3). */
function refuseWhenDelayed(hub: Hub): void {
  if (hub.delayedSince !== undefined) throw new CodedError("log_unavailable");
}

function headers(cursor: string): Record<string, string> {
  return { ETag: `"${cursor}"`, "Cache-Control": "private, no-store", Vary: "Cookie, Authorization" };
}

function frameResponse(frame: Frame, delivered?: Delivered): Response {
  const body = Buffer.from(JSON.stringify(frame));
  delivered?.add(1, body.byteLength);
  return new Response(body, { headers: { ...headers(frame.to), "Content-Type": "application/json" } });
}

function notModified(cursor: string): Response {
  return new Response(null, { status: 304, headers: headers(cursor) });
}

function readWait(text: string | null): number {
  const seconds = Number(text ?? 0);
  if (!Number.isFinite(seconds) || seconds < 0)
    throw new CodedError("bad_request", "wait is a number of seconds.", { field: "wait" });
  return Math.min(seconds, MAX_WAIT_S);
}

/** RFC 9110, 8.8.3: an entity tag may be weak (a proxy that compressed the body makes it so) and is quoted. */
function cursorFromTag(header: string | null): string | undefined {
  const text = header?.trim().replace(/^W\//, "").replace(/^"|"$/g, "");
  return parseCursor(text) ? text : undefined;
}
