"use client";

import { useRouter } from "next/navigation";
import { startTransition, useEffect, useState } from "react";
import { useConnection } from "@/components/live/hooks";
import { type Board, widgetId } from "@/lib/shared/boards/board";
import type { KeptBoard } from "@/lib/shared/boards/shelf";
import type { ShownBoard } from "@/lib/shared/boards/shown-board";
import type { ShelfReading, ShelfStore } from "./shelf-store";
import { useShelf } from "./use-shelf";

/** Whose board is on the screen, and what of it is there. */
export type Seat = {
  store: ShelfStore | undefined;
  reading: ShelfReading | undefined;
  /** Leaves a link for this browser's current board. */
  goOwn(): void;
} & (
  | { mode: "own"; board: KeptBoard | undefined }
  /** Of a link; or the browser's boards are not read yet, and this is what the server rendered. */
  | { mode: "guest" | "unknown"; board: Board | undefined }
);

/** This page with another board in its link; without one it is the browser's own. */
function boardUrl(code: string | undefined): string {
  const query = new URLSearchParams(location.search);
  query.delete("b");
  if (code !== undefined) query.set("b", code);
  return query.size > 0 ? `/board?${query}` : "/board";
}

/**
 * The board to show: what the server rendered, until this browser's own are read; then the own one, as the browser has
 * it, unless a link asks for another one. What of it the server has not rendered is asked for while there is a
 * connection.
 */
export function useBoard(shown: ShownBoard, rendered: ReadonlySet<string>, isEditing: boolean): Seat {
  const { store, reading } = useShelf();
  const router = useRouter();
  const isLive = useConnection().status === "live";
  // A link to the own board stays it while that is changed.
  const [ownLink, setOwnLink] = useState<string>();
  if (shown.code !== undefined && shown.code === reading?.code && ownLink !== shown.code)
    setOwnLink(shown.code);
  const isOwn = reading !== undefined && (shown.from !== "link" || shown.code === ownLink);

  const { current, code } = reading ?? {};
  const isMissing = isOwn && current?.widgets.some((widget) => !rendered.has(widgetId(widget)));
  const isOutdated = isMissing || (isOwn && !isEditing && code !== shown.code);
  const goOwn = () => {
    if (!store) return;
    const url = boardUrl(store.tellServer() ? undefined : store.read().code);
    startTransition(() => {
      if (url === location.pathname + location.search) router.refresh();
      else router.replace(url);
    });
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once; afterwards an empty shelf was emptied here.
  useEffect(() => {
    // The browser has lost its boards, but not the cookie: what was on the screen is kept.
    const { from, board } = shown;
    if (store && from === "browser" && board && store.read().shelf.boards.length === 0) store.adopt(board);
  }, [store]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: asked for once for each state of the board.
  useEffect(() => {
    if (isOutdated && isLive) goOwn();
  }, [isOutdated, isLive, code]);

  const rest = { store, reading, goOwn };
  if (isOwn) return { mode: "own", board: current, ...rest };
  return { mode: reading ? "guest" : "unknown", board: shown.board, ...rest };
}
