"use client";

import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import {
  movedByKey,
  placeWords,
  putBack,
  resizedByKey,
  swappedWith,
  without,
} from "@/lib/shared/boards/arranging";
import { type Widget, widgetId } from "@/lib/shared/boards/board";
import { type KeptBoard, withWidgets } from "@/lib/shared/boards/shelf";
import type { Arrange } from "./arrange-handles";
import type { ShelfStore } from "./shelf-store";

/** What happened, and the way back where there is one. */
export interface Told {
  text: string;
  undo?: () => void;
}

export const ARRANGE_HINT = "board-arrange-hint";

type Change = (widgets: readonly Widget[]) => readonly Widget[];

interface ArrangingProps {
  /** What the board is in. */
  root: RefObject<HTMLElement | null>;
  store: ShelfStore | undefined;
  kept: KeptBoard | undefined;
}

/** Changes of the own board's widgets: each is stored at once, and said; one that takes something away can be undone. */
export function useArranging({ root, store, kept }: ArrangingProps) {
  const [said, say] = useState("");
  const [told, tell] = useState<Told>();
  /** The widget that was put back, which is given the focus: the way back had it, and is gone. */
  const returned = useRef<string | undefined>(undefined);
  useLayoutEffect(() => {
    const id = returned.current;
    returned.current = undefined;
    if (id === undefined) return;
    root.current
      ?.querySelector<HTMLElement>(`[data-widget="${CSS.escape(id)}"] [data-handle="remove"]`)
      ?.focus();
  });
  const boardId = kept?.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was told is about another board.
  useEffect(() => say(""), [boardId]);

  const change = (of: Change): readonly Widget[] => {
    if (!store || !kept) return [];
    store.change((shelf) => withWidgets(shelf, kept.id, of));
    return store.read().shelf.boards.find(({ id }) => id === kept.id)?.widgets ?? [];
  };
  const changeAndSay = (id: string, title: string, of: Change) => {
    const before = kept?.widgets ?? [];
    const after = change(of);
    const [was, is] = [placeWords(before, id), placeWords(after, id)];
    say(was === is ? `${title} stays where it is.` : `${title}: ${is}`);
    tell(undefined);
  };
  const arrange: Arrange = {
    hint: ARRANGE_HINT,
    drop: ({ id, next }) => {
      change(() => next);
      say(placeWords(next, id));
      tell(undefined);
    },
    move: (id, title, key) => changeAndSay(id, title, movedByKey(id, key)),
    size: (id, title, key) => changeAndSay(id, title, resizedByKey(id, key)),
    swap: (id, title, direction) => changeAndSay(id, title, swappedWith(id, direction)),
    remove: (id, title) => {
      const index = kept?.widgets.findIndex((widget) => widgetId(widget) === id) ?? -1;
      const widget = kept?.widgets[index];
      change(without(id));
      const undo = () => {
        if (widget) change(putBack(widget, index));
        returned.current = id;
        tell({ text: `${title} is back.` });
      };
      tell({ text: `${title} was removed.`, undo });
    },
  };
  return { arrange, said, told, tell };
}
