import type { Board } from "./board";
import { readBoard } from "./board-code";

/** What the server renders of boards. */
export interface ShownBoard {
  /** `link`: the query's; `browser`: the one that this browser showed last. */
  from: "link" | "browser" | "nowhere";
  board?: Board;
  /** The board's. */
  code?: string;
  /** A link was given, and it holds no board, or not a whole one. */
  isBroken: boolean;
}

/**
 * The board of a request: what its link holds, else what the browser's cookie does. Neither is trusted: what is no
 * board is left out.
 */
export function shownBoard(link: string | undefined, cookie: string | undefined): ShownBoard {
  for (const [from, code] of [["link", link] as const, ["browser", cookie] as const]) {
    const board = code ? readBoard(code) : undefined;
    if (board) return { from, board, code, isBroken: from === "browser" && link !== undefined };
  }
  return { from: "nowhere", isBroken: link !== undefined };
}
