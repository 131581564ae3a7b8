"use client";

import {
  type FocusEvent,
  type KeyboardEvent,
  type RefObject,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { rowAfterKey, scrollToRow } from "./row-keys";
import type { Entry } from "./table-shape";

interface RowFocusOptions {
  box: RefObject<HTMLDivElement | null>;
  entries: readonly Entry[];
  rowHeight: number;
  select: (key: string) => void;
  open: (key: string) => void;
}

/** The focus in the rows: keys move it, also to rows that are not in the document yet, and it survives its row. */
export function useRowFocus({ box, entries, rowHeight, select, open }: RowFocusOptions) {
  /** Gets the focus as soon as it is in the document. */
  const wanted = useRef<string>(undefined);
  const focused = useRef<{ key: string; index: number }>(undefined);
  const [hasFocus, setHasFocus] = useState(false);

  const find = (key: string) => box.current?.querySelector<HTMLElement>(`tr[data-key="${CSS.escape(key)}"]`);
  const focusRow = (key: string): boolean => {
    const row = find(key);
    row?.focus({ preventScroll: true });
    // In the box it is in sight already; the box may not be.
    row?.scrollIntoView({ block: "nearest" });
    return Boolean(row);
  };

  function moveTo(index: number) {
    const key = entries[index]?.[0];
    if (key === undefined || !box.current) return;
    box.current.scrollTop = scrollToRow(index, box.current.scrollTop, heightForRows(box.current), rowHeight);
    select(key);
    wanted.current = focusRow(key) ? undefined : key;
  }

  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    const row = rowAround(event.target);
    if (!row || event.altKey || event.metaKey || !box.current) return;
    if (event.key === "Enter") {
      if (event.target !== row) return;
      event.preventDefault();
      return open(row.dataset.key!);
    }
    const page = Math.floor(heightForRows(box.current) / rowHeight);
    const target = rowAfterKey(event.key, indexOf(row), entries.length, page);
    if (target === undefined) return;
    event.preventDefault();
    moveTo(target);
  }

  function onFocus({ target }: FocusEvent<HTMLElement>) {
    const row = rowAround(target);
    focused.current = row && { key: row.dataset.key!, index: indexOf(row) };
    setHasFocus(row !== undefined);
    if (row) select(row.dataset.key!);
  }

  function onBlur({ relatedTarget }: FocusEvent<HTMLElement>) {
    setHasFocus(rowAround(relatedTarget) !== undefined);
    // Without another element that gets it, the focus may be lost because the row has gone.
    if (relatedTarget) focused.current = undefined;
  }

  useLayoutEffect(() => {
    if (wanted.current !== undefined && focusRow(wanted.current)) wanted.current = undefined;
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: rows only go when the entries change.
  useLayoutEffect(() => {
    const lost = focused.current;
    if (!lost || document.activeElement !== document.body || find(lost.key)) return;
    focused.current = undefined;
    moveTo(Math.min(lost.index, entries.length - 1));
  }, [entries]);

  return { find, hasFocus, handlers: { onKeyDown, onFocus, onBlur } };
}

function rowAround(target: EventTarget | null): HTMLElement | undefined {
  return (target instanceof Element && target.closest<HTMLElement>("tr[data-key]")) || undefined;
}

function indexOf(row: HTMLElement): number {
  return Number(row.getAttribute("aria-rowindex")) - 2;
}

/** px; the head stays over the rows. */
function heightForRows(box: HTMLElement): number {
  return box.clientHeight - (box.querySelector("thead")?.offsetHeight ?? 0);
}
