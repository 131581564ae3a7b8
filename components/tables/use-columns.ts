"use client";

import {
  type ColumnDef,
  columnFilteringFeature,
  columnPinningFeature,
  columnVisibilityFeature,
  functionalUpdate,
  globalFilteringFeature,
  rowSortingFeature,
  tableFeatures,
  type Updater,
  useTable,
} from "@tanstack/react-table";
import { useMemo } from "react";
import type { Ordered } from "./table-order";
import type { Entry, TableShape } from "./table-shape";
import { allColumns, inOrder, MAX_SORTS, type TableView } from "./table-view";

const features = tableFeatures({
  rowSortingFeature,
  columnFilteringFeature,
  globalFilteringFeature,
  columnVisibilityFeature,
  columnPinningFeature,
});

export type ColumnModel = ReturnType<typeof useColumns>;

/**
 * TanStack's table over what the view says. It decides what a press on a head, a box or a pin asks for. The rows come
 * filtered and ordered already, as the server has to do the same for the first screen.
 */
export function useColumns(
  shape: TableShape,
  { entries, view }: Ordered,
  /** The columns that are shown without a choice. */
  standard: readonly string[],
  show: (change: Partial<TableView>) => void,
) {
  const columns = useMemo(
    () =>
      allColumns(shape).map(
        (name): ColumnDef<typeof features, Entry> => ({
          id: name,
          header: shape.columns[name]!.title,
          accessorFn: ([, row]) => row[name],
          sortDescFirst: shape.columns[name]!.type === "number",
          filterFn: () => true,
        }),
      ),
    [shape],
  );
  const shown = new Set(view.columns ?? standard);
  const state = {
    sorting: view.sorts.map(({ column, descending }) => ({ id: column, desc: descending })),
    globalFilter: view.filter,
    columnFilters: Object.entries(view.filters).map(([id, value]) => ({ id, value })),
    columnVisibility: Object.fromEntries(allColumns(shape).map((name) => [name, shown.has(name)])),
    columnPinning: { start: [...view.pinned], end: [] as string[] },
  };
  return useTable({
    features,
    columns,
    data: entries,
    getRowId: ([key]) => key,
    manualSorting: true,
    manualFiltering: true,
    enableSortingRemoval: false,
    maxMultiSortColCount: MAX_SORTS,
    state,
    onSortingChange: (updater: Updater<typeof state.sorting>) => {
      const sorts = functionalUpdate(updater, state.sorting).map(({ id, desc }) => ({
        column: id,
        descending: desc,
      }));
      show({ sorts: sorts.length > 0 ? sorts : [shape.order] });
    },
    onGlobalFilterChange: (updater: Updater<string>) =>
      show({ filter: functionalUpdate(updater, view.filter) }),
    onColumnFiltersChange: (updater: Updater<{ id: string; value: unknown }[]>) => {
      const filters = functionalUpdate(updater, state.columnFilters);
      show({ filters: Object.fromEntries(filters.map(({ id, value }) => [id, String(value)])) });
    },
    onColumnVisibilityChange: (updater: Updater<Record<string, boolean>>) => {
      const next = functionalUpdate(updater, state.columnVisibility);
      const names = inOrder(shape, new Set(Object.keys(next).filter((name) => next[name])));
      show({ columns: names.join() === standard.join() ? undefined : names });
    },
    onColumnPinningChange: (updater: Updater<typeof state.columnPinning>) =>
      show({ pinned: functionalUpdate(updater, state.columnPinning).start }),
  });
}
