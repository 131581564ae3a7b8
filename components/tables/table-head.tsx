"use client";

import { ArrowDown, ArrowUp, Funnel } from "lucide-react";
import type { PlacedColumn } from "./column-layout";
import { inColumn } from "./table-cell";
import type { TableView } from "./table-view";

interface TableHeadProps {
  columns: readonly PlacedColumn[];
  view: TableView;
  /** With the shift key, beside the columns that are sorted by already. */
  onSort: (column: string, isAlso: boolean) => void;
  /** Keeps no room for the arrow of a column that is not sorted by. */
  isDense: boolean;
  hasActions: boolean;
}

export function TableHead({ columns, view, onSort, isDense, hasActions }: TableHeadProps) {
  return (
    <thead className="sticky top-0 z-10 bg-surface">
      <tr aria-rowindex={1} className="bg-surface">
        {columns.map((placed) => (
          <ColumnHead key={placed.name} placed={placed} view={view} onSort={onSort} isDense={isDense} />
        ))}
        {hasActions && (
          <th scope="col" className="sticky right-0 z-1 w-28 border-line border-y border-l bg-inherit p-0">
            <span className="sr-only">Actions</span>
          </th>
        )}
      </tr>
    </thead>
  );
}

interface ColumnHeadProps extends Pick<TableHeadProps, "view" | "onSort" | "isDense"> {
  placed: PlacedColumn;
}

function ColumnHead({ placed, view, onSort, isDense }: ColumnHeadProps) {
  const { name, column, width } = placed;
  const rank = view.sorts.findIndex((sort) => sort.column === name);
  const sorted = view.sorts[rank];
  const isRight = column.type === "number";
  const { className, style } = inColumn(placed);
  const Arrow = sorted?.descending ? ArrowDown : ArrowUp;
  return (
    <th
      scope="col"
      data-column={name}
      // Only the first order is said by ARIA.
      aria-sort={rank === 0 ? (sorted?.descending ? "descending" : "ascending") : undefined}
      className={`border-line border-y p-0 font-normal text-soft text-xs ${isRight ? "text-right" : "text-left"} ${className}`}
      style={{ ...style, width }}
    >
      <button
        type="button"
        onClick={(event) => onSort(name, event.shiftKey)}
        className={`inline-flex min-h-9 w-full pointer-coarse:min-h-11 items-center gap-1 px-(--cell) py-1 -outline-offset-2 hover:text-ink [th:first-child>&]:pl-(--edge) [th:last-child>&]:pr-(--edge) ${isRight ? "justify-end text-right" : "text-left"} ${sorted ? "text-ink" : ""}`}
      >
        <span className={`flex items-center ${isRight ? "" : "order-last"}`}>
          <Arrow
            aria-hidden
            className={`size-3 shrink-0 ${sorted ? "" : isDense ? "hidden" : "max-sm:hidden sm:invisible"}`}
          />
          {rank > 0 && (
            <span className="tabular-nums">
              <span className="sr-only">{sorted?.descending ? "descending, " : "ascending, "}order </span>
              {rank + 1}
            </span>
          )}
        </span>
        {column.title}
        {view.filters[name] && (
          <Funnel aria-label="filtered" className="size-3 shrink-0 text-accent" role="img" />
        )}
      </button>
    </th>
  );
}
