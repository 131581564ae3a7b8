"use client";

import type { HTMLAttributes, KeyboardEvent, PointerEvent } from "react";
import { zoomBack, zoomTo } from "@/components/time/use-range";
import type { Span, TimeRange } from "@/lib/shared/time-range";
import { setCrosshair } from "./crosshair";

/** A drag that is shorter is a click, px. */
const LEAST_PX = 6;
/** An arrow key moves the crosshair by so much of the plot. */
const KEY_STEP = 1 / 60;

/** A drag over the plot: where it began, and the part that it selects; from 0 to 1. */
export interface Drag {
  start?: number;
  selection?: Span;
}

export interface PlotControlsProps {
  title: string;
  span: Span;
  now: number;
  range: TimeRange;
  crosshair: number | null;
  /** What the crosshair reads, for people who do not see it. */
  valueText: string;
  drag: Drag;
  setDrag: (drag: Drag) => void;
  /** Asks for a note about a time (ms). */
  addNote: (at: number) => void;
}

/**
 * What makes a plot a slider of time: it moves the crosshair, and selects a part of the plot by dragging with a mouse
 * or pen; a finger only moves the crosshair, as it scrolls the page. No part of the page's first load.
 */
export default function plotControls(props: PlotControlsProps): HTMLAttributes<HTMLElement> {
  const { title, span, now, range, crosshair, valueText, drag, setDrag, addNote } = props;
  const width = span.to - span.from;
  const at = (place: number) => span.from + place * width;
  const zoom = (factor: number) => {
    const middle = at(crosshair ?? 0.5);
    const to = Math.min(middle + (width * factor) / 2, Math.max(span.to, now));
    zoomTo(range, { from: to - width * factor, to });
  };
  const placeOf = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return { place: Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)), px: box.width };
  };
  return {
    role: "slider",
    tabIndex: 0,
    title: "Drag to zoom, double-click to go back",
    "aria-label": `${title}: time`,
    "aria-keyshortcuts": "+ - Backspace n",
    "aria-valuemin": 0,
    "aria-valuemax": 100,
    "aria-valuenow": Math.round((crosshair ?? 1) * 100),
    "aria-valuetext": crosshair === null ? "the newest" : valueText,
    onPointerMove(event) {
      const { place, px } = placeOf(event);
      setCrosshair(place);
      const { start, selection } = drag;
      if (start === undefined) return;
      if (selection || Math.abs(place - start) * px >= LEAST_PX)
        setDrag({ start, selection: { from: Math.min(start, place), to: Math.max(start, place) } });
    },
    onPointerDown(event) {
      const { place } = placeOf(event);
      setCrosshair(place);
      if (event.pointerType === "touch" || event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      setDrag({ start: place });
    },
    onPointerUp() {
      if (drag.selection) zoomTo(range, { from: at(drag.selection.from), to: at(drag.selection.to) });
      setDrag({});
    },
    onPointerCancel() {
      setDrag({});
      setCrosshair(null);
    },
    onPointerLeave: () => setCrosshair(null),
    onDoubleClick: () => zoomBack(range),
    onBlur: () => setCrosshair(null),
    onKeyDown(event: KeyboardEvent) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const place = crosshair ?? 1;
      const targets: Record<string, number | null> = {
        ArrowLeft: crosshair === null ? 1 : place - KEY_STEP,
        ArrowRight: place + KEY_STEP,
        Home: 0,
        End: 1,
        Escape: null,
      };
      const target = targets[event.key];
      if (target !== undefined) setCrosshair(target);
      else if (event.key === "+") zoom(0.5);
      else if (event.key === "-") zoom(2);
      else if (event.key === "Backspace") zoomBack(range);
      else if (event.key === "n") addNote(Math.min(now, at(place)));
      else return;
      event.preventDefault();
    },
  };
}
