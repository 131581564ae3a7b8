"use client";

import { type ComponentType, useMemo, useRef, useState } from "react";
import { useConnection } from "@/components/live/hooks";
import { useLazy } from "@/components/ui/use-lazy";
import { without } from "@/lib/shared/boards/arranging";
import { type Pick, type Widget, widgetId } from "@/lib/shared/boards/board";
import { withPick, withWidgets } from "@/lib/shared/boards/shelf";
import type { ShownBoard } from "@/lib/shared/boards/shown-board";
import { BoardBar } from "./board-bar";
import { BoardGrid, type RenderedWidget } from "./board-grid";
import { EmptyBoard } from "./empty-board";
import { GuestNote } from "./guest-note";
import { Note } from "./note";
import { useArranging } from "./use-arranging";
import { useBoard } from "./use-board";
import type { PickerProps } from "./widget-picker";

export interface BoardViewProps {
  shown: ShownBoard;
  widgets: readonly RenderedWidget[];
  /** Brings the catalogue. */
  loadPicker: () => Promise<{ default: ComponentType<Omit<PickerProps, "sections">> }>;
}

const BROKEN = "This link holds no board, or only a part of one. Ask for it again.";
const COMES = "It comes with the next answer of the server.";
const COMES_LATER = "It comes when the connection is back.";

/** A board, and all that can be done with it. */
export function BoardView({ shown, widgets, loadPicker }: BoardViewProps) {
  const rendered = useMemo(() => new Map(widgets.map((widget) => [widget.id, widget])), [widgets]);
  const [isEditing, setEditing] = useState(false);
  const [isPicking, setPicking] = useState(false);
  const ids = useMemo(() => new Set(rendered.keys()), [rendered]);
  const seat = useBoard(shown, ids, isEditing);
  const { mode, board, store, reading } = seat;
  const isLive = useConnection().status === "live";
  const root = useRef<HTMLDivElement>(null);
  const kept = mode === "own" ? board : undefined;
  const arranging = useArranging({ root, store, kept });
  const { tell, told, said } = arranging;
  const mayEdit = mode === "own" && isEditing;
  const Picker = useLazy(loadPicker, isPicking || (mode === "own" && isLive));

  const toggle = (pick: Pick, title: string): string => {
    if (!store) return "";
    tell(undefined);
    const id = widgetId(pick);
    const board = store.read().current;
    const isThere = board?.widgets.some((widget) => widgetId(widget) === id);
    const refusal = store.change((shelf) =>
      isThere && board ? withWidgets(shelf, board.id, without(id)) : withPick(shelf, pick, store.newId()),
    );
    return refusal ?? (isThere ? `${title} removed.` : `${title} added.`);
  };
  const list: readonly Widget[] = board?.widgets ?? [];
  return (
    <div ref={root} className="flex flex-col gap-4">
      {shown.isBroken && <Note kind="attention">{BROKEN}</Note>}
      {reading?.problem && <Note kind="attention">{reading.problem}</Note>}
      {shown.from === "link" && mode !== "own" && <GuestNote {...seat} tell={tell} />}
      {shown.from !== "link" || mode === "own" ? (
        <BoardBar
          seat={seat}
          isEditing={mayEdit}
          setEditing={setEditing}
          pick={() => setPicking(true)}
          tell={tell}
        />
      ) : null}
      {told && (
        <Note kind="plain" action={told.undo && { word: "Undo", act: told.undo }}>
          {told.text}
        </Note>
      )}
      {/* It is there before there is anything to say, so that it is read. Moves are only said: they are seen. */}
      <p role="status" className="sr-only">
        {told?.text ?? said}
      </p>
      {list.length > 0 ? (
        <BoardGrid
          widgets={list}
          rendered={rendered}
          arrange={mayEdit ? arranging.arrange : undefined}
          pending={isLive ? COMES : COMES_LATER}
        />
      ) : (
        <EmptyBoard isKnown={mode === "own"} isFirst={!kept} pick={() => setPicking(true)} />
      )}
      {Picker && isPicking && (
        <Picker
          name={kept?.name}
          chosen={new Set(list.map(widgetId))}
          toggle={toggle}
          close={() => setPicking(false)}
        />
      )}
    </div>
  );
}
