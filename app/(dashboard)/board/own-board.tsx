"use client";

import { BoardView, type BoardViewProps } from "@/components/boards/board-view";

const loadPicker = () => import("./picker");

/** The board with the way to what can be picked for it. */
export function OwnBoard(props: Omit<BoardViewProps, "loadPicker">) {
  return <BoardView {...props} loadPicker={loadPicker} />;
}
