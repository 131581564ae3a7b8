import type { Cursor } from "@/lib/shared/cursor";
import type { Frame, Subscribe } from "@/lib/shared/protocol";
import type { Failure } from "../ladder-state";

/** What a transport is given. It calls back later, never from within a call of its own. */
export interface TransportLink {
  /** The subscription as it is now, from the lowest cursor. */
  subscription(): Subscribe;
  /** The interval of plain polling, ms. */
  pollMs(): number;
  /** `asked`: the cursor of the request that this frame answers. The frames that follow by themselves have none. */
  frame(frame: Frame, asked?: Cursor): void;
  /** The server is there and has nothing new. `date`: its clock in whole seconds, rounded down (ms). */
  alive(date?: number): void;
  /** The transport has ended. It calls nothing after this. */
  failed(failure: Failure): void;
}

/** One way to read the log, open until it fails or is closed. */
export interface Transport {
  /** The subscription changed or a frame was lost: reads on from what `subscription()` says now. */
  refresh(): void;
  close(): void;
}

export type OpenTransport = (link: TransportLink) => Transport;

/** Runs something after `ms`; returns the way to cancel it. */
export type After = (ms: number, run: () => void) => () => void;

export const NOT_OURS: Failure = {
  reason: "not-ours",
  answered: false,
  message: "Something other than the server answered",
};

export const FROM_LEFT_LOG: Failure = {
  reason: "refused",
  answered: true,
  message: "The server answered from a log that was replaced",
};

/** The server closes this connection on purpose, and another one is welcome (H6). */
export const MOVED: Failure = {
  reason: "moved",
  answered: true,
  message: "The server asked to connect again",
};

/** The path and query of a request for a frame (T2, T3). */
export function liveUrl(
  path: string,
  { channels, cursor, fresh, page, sparse }: Subscribe,
  wait?: number,
): string {
  const query = [`channels=${channels.join(",")}`];
  if (cursor !== undefined) query.push(`cursor=${encodeURIComponent(cursor)}`);
  if (fresh && fresh.length > 0) query.push(`fresh=${fresh.join(",")}`);
  if (page) query.push(`page=${encodeURIComponent(page)}`);
  if (sparse) query.push("sparse=1");
  if (wait !== undefined && wait > 0) query.push(`wait=${wait}`);
  return `${path}?${query.join("&")}`;
}
