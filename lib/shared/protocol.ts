import { z } from "zod";
import { type Cursor, isUpdateId, parseCursor } from "./cursor";
import type { ChannelState, Update } from "./state";

/** What a transport delivers (F1, F2, F4). */
export interface Frame {
  /** Updates after this cursor; absent when the frame is a whole snapshot. */
  from?: Cursor;
  to: Cursor;
  /** All updates of my channels with `from < id <= to`, in order. */
  updates?: Update[];
  /** On the way back: the head lies past `to`, and what lies between follows at once. Absent in the last part. */
  more?: true;
  /** Replaces what I have of these channels, as of `to`. */
  snapshot?: Record<string, ChannelState>;
  /** The number of the subscription that this frame answers. */
  sub?: number;
  /** Channels asked for that this viewer may not read. */
  denied?: string[];
  /** The server's clock (ms), on beats and on a subscription's first frame. */
  now?: number;
  /** Set when the log could not be confirmed: what is shown is true as of then (ms). */
  log?: { delayedSince: number };
}

/** One metric's recent points, `[source time ms, value]`, oldest first. */
export type Point = [ts: number, value: number | null];
/** channel → metric → points. */
export type SeriesByChannel = Record<string, Record<string, Point[]>>;

/** What a server-rendered page starts from: a snapshot at one cursor, and the points its charts begin with. */
export interface PageSnapshot {
  frame: Frame & { snapshot: Record<string, ChannelState>; now: number };
  series: SeriesByChannel;
}

/** Limits on what a client may ask (H4). */
export const MAX_CHANNELS = 64;
/** The most of a page's path, by which people know a connection in a list. */
export const MAX_PAGE = 200;
/** A beat is sent at least this often (F4), ms. */
export const BEAT_MS = 10_000;
/** A socket client acknowledges each time it has received this much (H3), bytes. */
export const ACK_BYTES = 64 * 1024;
/** The most that may be on its way to a client unacknowledged (H3), bytes. */
export const MAX_UNACKED_BYTES = 256 * 1024;

const cursorSchema = z
  .string()
  .max(80)
  .refine((text) => parseCursor(text) !== undefined, "not a cursor");
const channelName = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, "not a channel's name");
export const channelsSchema = z.array(channelName).min(1).max(MAX_CHANNELS);

/** A subscription, as a socket emits it and as a request's query spells it. */
export const subscribeSchema = z.object({
  channels: channelsSchema,
  cursor: cursorSchema.optional(),
  fresh: z.array(channelName).max(MAX_CHANNELS).optional(),
  sub: z.int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  page: z.string().max(MAX_PAGE).optional(),
  /** One frame a second at most, for viewers who want to save data (H7). */
  sparse: z.boolean().optional(),
});
export type Subscribe = z.infer<typeof subscribeSchema>;

export const ackSchema = z.object({ cursor: cursorSchema });

const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const row = z.record(z.string(), cell);
const common = { asOf: z.number().nullable(), by: z.string().optional(), down: z.string().optional() };

export const stateSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("record"),
    ...common,
    values: z.record(z.string(), z.number().nullable()),
    ts: z.record(z.string(), z.number()),
  }),
  z.object({ kind: z.literal("table"), ...common, rows: z.record(z.string(), row) }),
  z.object({
    kind: z.literal("feed"),
    ...common,
    count: z.int(),
    keep: z.int(),
    items: z.array(z.object({ key: z.string(), ts: z.number(), item: row })),
  }),
]);

export const updateSchema = z.object({
  id: z.string().refine(isUpdateId),
  ch: channelName,
  ts: z.number().optional(),
  at: z.number().optional(),
  by: z.string().optional(),
  down: z.string().optional(),
  set: z.record(z.string(), z.number().nullable()).optional(),
  rows: z.record(z.string(), row.nullable()).optional(),
  items: z.array(row).optional(),
});

/** For tests and outside programs; the browser client only checks what it relies on. */
export const frameSchema = z.object({
  from: cursorSchema.optional(),
  to: cursorSchema,
  updates: z.array(updateSchema).optional(),
  more: z.literal(true).optional(),
  snapshot: z.record(channelName, stateSchema).optional(),
  sub: z.number().optional(),
  denied: z.array(channelName).optional(),
  now: z.number().optional(),
  log: z.object({ delayedSince: z.number() }).optional(),
});
