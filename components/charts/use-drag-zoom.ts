"use client";

import { type PointerEvent, useState } from "react";
import { setCrosshair } from "./crosshair";

/** A drag that is shorter is a click, px. */
const LEAST_PX = 6;

/** A part of the plot, from 0 to 1. */
interface Selection {
  from: number;
  to: number;
}

/**
 * Moves the crosshair, and selects a part of the plot by dragging with a mouse or pen; a finger only moves the
 * crosshair, as it scrolls the page.
 */
export function useDragZoom(select: (from: number, to: number) => void) {
  const [start, setStart] = useState<number>();
  const [selection, setSelection] = useState<Selection>();
  const placeOf = (event: PointerEvent<HTMLElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return { place: Math.min(1, Math.max(0, (event.clientX - left) / width)), width };
  };
  const end = () => {
    setStart(undefined);
    setSelection(undefined);
  };
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    const { place, width } = placeOf(event);
    setCrosshair(place);
    if (start === undefined) return;
    const isDrag = selection !== undefined || Math.abs(place - start) * width >= LEAST_PX;
    if (isDrag) setSelection({ from: Math.min(start, place), to: Math.max(start, place) });
  };
  return {
    selection,
    handlers: {
      onPointerMove,
      onPointerDown(event: PointerEvent<HTMLElement>) {
        const { place } = placeOf(event);
        setCrosshair(place);
        if (event.pointerType === "touch" || event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setStart(place);
      },
      onPointerUp() {
        if (selection) select(selection.from, selection.to);
        end();
      },
      onPointerCancel: () => {
        end();
        setCrosshair(null);
      },
      onPointerLeave: () => setCrosshair(null),
    },
  };
}
