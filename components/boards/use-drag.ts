"use client";

import { type PointerEvent, type RefObject, useEffect, useState } from "react";
import { COLUMNS, type Widget, widgetId } from "@/lib/shared/boards/board";
import { moved, resized, settle } from "@/lib/shared/boards/layout";

export type DragKind = "move" | "size";

export interface Drag {
  id: string;
  kind: DragKind;
  /** How the board would be if the pointer were let go now. */
  next: readonly Widget[];
  /** From the place that the widget would have there to where the pointer holds it, px. */
  offset: { x: number; y: number };
}

interface Start {
  id: string;
  kind: DragKind;
  /** Where the pointer was on the page, px. */
  at: { x: number; y: number };
  /** From one column and row to the next, px. */
  pitch: { x: number; y: number };
}

/** Nearer than this to the screen's edge, px, the page scrolls. */
const EDGE = 72;
const SCROLL_STEP = 24;

function pitchOf(grid: HTMLElement): Start["pitch"] {
  const style = getComputedStyle(grid);
  const gap = Number.parseFloat(style.columnGap);
  return {
    x: (grid.clientWidth + gap) / COLUMNS,
    y: Number.parseFloat(style.gridAutoRows) + Number.parseFloat(style.rowGap),
  };
}

function dragTo(widgets: readonly Widget[], { id, kind, at, pitch }: Start, x: number, y: number): Drag {
  const index = widgets.findIndex((widget) => widgetId(widget) === id);
  const from = settle(widgets)[index]!;
  const by = { x: (x - at.x) / pitch.x, y: (y - at.y) / pitch.y };
  if (kind === "size")
    return { id, kind, next: resized(widgets, index, from.w + by.x, from.h + by.y), offset: { x: 0, y: 0 } };
  const next = moved(widgets, index, from.x + by.x, from.y + by.y);
  const to = settle(next).find((widget) => widgetId(widget) === id)!;
  return {
    ...{ id, kind, next },
    offset: { x: (from.x + by.x - to.x) * pitch.x, y: (from.y + by.y - to.y) * pitch.y },
  };
}

/** Moving and resizing by pointer: `drop` is told once, at the end. Escape puts everything back. */
export function useDrag(
  grid: RefObject<HTMLElement | null>,
  widgets: readonly Widget[],
  drop: (drag: Drag) => void,
) {
  const [held, hold] = useState<{ start: Start; drag?: Drag }>();
  const isHeld = held !== undefined;
  useEffect(() => {
    if (!isHeld) return;
    const cancel = ({ key }: KeyboardEvent) => key === "Escape" && hold(undefined);
    addEventListener("keydown", cancel);
    return () => removeEventListener("keydown", cancel);
  }, [isHeld]);

  const begin = (id: string, kind: DragKind, event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0 || !grid.current) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const at = { x: event.pageX, y: event.pageY };
    hold({ start: { id, kind, at, pitch: pitchOf(grid.current) } });
  };
  const handlers = {
    onPointerMove: (event: PointerEvent) => {
      if (!held) return;
      if (event.clientY < EDGE) scrollBy(0, -SCROLL_STEP);
      else if (event.clientY > innerHeight - EDGE) scrollBy(0, SCROLL_STEP);
      hold({ ...held, drag: dragTo(widgets, held.start, event.pageX, event.pageY) });
    },
    onPointerUp: (event: PointerEvent) => {
      if (held?.drag) drop(dragTo(widgets, held.start, event.pageX, event.pageY));
      hold(undefined);
    },
    onPointerCancel: () => hold(undefined),
  };
  return { drag: held?.drag, begin, handlers };
}
