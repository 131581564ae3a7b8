"use client";

import { ArrowDown, ArrowUp, type LucideIcon, Move, MoveDiagonal2, X } from "lucide-react";
import type { ComponentProps, KeyboardEvent, PointerEvent } from "react";
import { type ArrowKey, isArrow } from "@/lib/shared/boards/arranging";
import type { Drag, DragKind } from "./use-drag";

/** What can be done to a widget of a board that is being arranged. */
export interface Arrange {
  drop(drag: Drag): void;
  move(id: string, title: string, key: ArrowKey): void;
  size(id: string, title: string, key: ArrowKey): void;
  swap(id: string, title: string, direction: 1 | -1): void;
  remove(id: string, title: string): void;
  /** The id of the element that says how the keys work. */
  hint: string;
}

interface ArrangeHandlesProps {
  id: string;
  title: string;
  arrange: Arrange;
  begin(id: string, kind: DragKind, event: PointerEvent<HTMLElement>): void;
  handlers: Pick<ComponentProps<"div">, "onPointerMove" | "onPointerUp" | "onPointerCancel">;
}

/** Lies over a widget while its board is arranged: the whole of it can be dragged, its corner resizes it. */
export function ArrangeHandles({ id, title, arrange, begin, handlers }: ArrangeHandlesProps) {
  const byKey = (act: (id: string, title: string, key: ArrowKey) => void) => (event: KeyboardEvent) => {
    if (!isArrow(event.key)) return;
    event.preventDefault();
    act(id, title, event.key);
  };
  const hold = (kind: DragKind) => (event: PointerEvent<HTMLElement>) => {
    event.stopPropagation();
    begin(id, kind, event);
  };
  return (
    // The buttons in it do the same by keyboard.
    <div
      {...handlers}
      onPointerDown={hold("move")}
      className="absolute inset-0 z-10 rounded-card outline-1 outline-accent outline-dashed -outline-offset-1 xl:cursor-grab xl:touch-none xl:active:cursor-grabbing max-xl:pointer-events-none"
    >
      <div className="pointer-events-auto absolute top-1 right-1 flex gap-1">
        <Handle
          icon={Move}
          label={`Move ${title}`}
          aria-describedby={arrange.hint}
          onKeyDown={byKey(arrange.move)}
          className="max-xl:hidden xl:cursor-grab"
        />
        <Handle
          icon={ArrowUp}
          label={`Move ${title} up`}
          onPointerDown={justPress}
          onClick={() => arrange.swap(id, title, -1)}
          className="xl:hidden"
        />
        <Handle
          icon={ArrowDown}
          label={`Move ${title} down`}
          onPointerDown={justPress}
          onClick={() => arrange.swap(id, title, 1)}
          className="xl:hidden"
        />
        <Handle
          icon={X}
          label={`Remove ${title}`}
          data-handle="remove"
          onPointerDown={justPress}
          onClick={() => arrange.remove(id, title)}
        />
      </div>
      <Handle
        icon={MoveDiagonal2}
        label={`Resize ${title}`}
        aria-describedby={arrange.hint}
        onKeyDown={byKey(arrange.size)}
        onPointerDown={hold("size")}
        className="absolute right-1 bottom-1 touch-none max-xl:hidden xl:cursor-nwse-resize"
      />
    </div>
  );
}

/** Begins no drag: one that is dragged has the pointer, and its button would not be clicked. */
function justPress(event: PointerEvent): void {
  event.stopPropagation();
}

type HandleProps = ComponentProps<"button"> & { icon: LucideIcon; label: string };

function Handle({ icon: Icon, label, className = "", ...rest }: HandleProps) {
  return (
    <button
      {...rest}
      type="button"
      aria-label={label}
      title={label}
      className={`touch grid size-8 place-items-center rounded-card border border-line bg-raised text-soft hover:border-line-strong hover:text-ink ${className}`}
    >
      <Icon aria-hidden className="size-4" strokeWidth={1.75} />
    </button>
  );
}
