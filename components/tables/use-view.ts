"use client";

import { useSearchParams } from "next/navigation";
import { useCallback, useMemo, useSyncExternalStore } from "react";
import type { TableShape } from "./table-shape";
import { ownQuery, parseView, type TableView, writeView } from "./table-view";

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * What the viewer asked a table to show, as the URL has it, and the way to change it. Next tells of a changed URL in a
 * while; a box that was ticked shows it at once.
 */
export function useView(shape: TableShape): [TableView, (change: Partial<TableView>) => void] {
  const params = useSearchParams();
  const query = useSyncExternalStore(
    subscribe,
    () => ownQuery(new URLSearchParams(location.search), shape),
    () => ownQuery(params, shape),
  );
  const view = useMemo(() => parseView(new URLSearchParams(query), shape), [query, shape]);
  const show = useCallback(
    (change: Partial<TableView>) => {
      const current = new URLSearchParams(location.search);
      const next = writeView(current, shape, { ...parseView(current, shape), ...change });
      // The rows are all here: the URL changes without asking the server.
      history.replaceState(null, "", next.size > 0 ? `?${next}` : location.pathname);
      for (const listener of listeners) listener();
    },
    [shape],
  );
  return [view, show];
}
