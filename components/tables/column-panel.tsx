"use client";

import { Pin } from "lucide-react";
import { Panel } from "@/components/ui/panel";
import type { PanelProps } from "@/components/ui/panel-button";
import type { TableShape } from "./table-shape";
import type { TableView } from "./table-view";
import type { ColumnModel } from "./use-columns";

interface ColumnPanelProps {
  shape: TableShape;
  table: ColumnModel;
  show: (change: Partial<TableView>) => void;
}

/** Which columns are shown, which stay in sight, and what their cells have to hold. */
export default function ColumnPanel({ shape, table, show, ...panel }: PanelProps & ColumnPanelProps) {
  const shownCount = table.getVisibleLeafColumns().length;
  return (
    <Panel {...panel} title="Columns">
      <p className="-mt-2 mb-3 text-soft text-xs">
        A column is filtered by a part of its text; numbers also by &gt;100, &lt;=5 or 10..20.
      </p>
      <ul className="-mx-4 border-line border-y">
        {table.getAllLeafColumns().map((column) => {
          const { title } = shape.columns[column.id]!;
          const isShown = column.getIsVisible();
          const isPinned = column.getIsPinned() !== false;
          return (
            <li key={column.id} className="flex min-h-11 items-center gap-2 px-4 py-1">
              <label className="touch flex min-w-0 flex-1 items-center gap-2">
                <input
                  type="checkbox"
                  checked={isShown}
                  // At least one stays.
                  disabled={isShown && shownCount === 1}
                  onChange={() => column.toggleVisibility()}
                  className="size-4 shrink-0 accent-(--accent)"
                />
                <span className="truncate">{title}</span>
              </label>
              <input
                type="search"
                aria-label={`Filter ${title}`}
                placeholder="Filter"
                defaultValue={String(column.getFilterValue() ?? "")}
                onChange={(event) => column.setFilterValue(event.target.value)}
                className="touch h-8 w-28 rounded-card border border-line-strong bg-surface px-2 placeholder:text-soft"
              />
              <button
                type="button"
                aria-pressed={isPinned}
                aria-label={`Pin ${title}`}
                disabled={!isShown}
                onClick={() => column.pin(isPinned ? false : "start")}
                className="touch flex h-8 w-20 items-center gap-1 rounded-card border border-line px-2 text-soft text-xs hover:text-ink disabled:opacity-50 aria-pressed:border-accent aria-pressed:text-accent"
              >
                <Pin aria-hidden className={`size-3.5 shrink-0 ${isPinned ? "fill-current" : ""}`} />
                Pin
              </button>
            </li>
          );
        })}
      </ul>
      <button
        type="button"
        onClick={() => {
          show({ columns: undefined, pinned: [shape.key], filters: {} });
          panel.setOpen(false);
        }}
        className="touch mt-3 h-9 rounded-card border border-line px-3 hover:bg-sunken"
      >
        Reset the columns
      </button>
    </Panel>
  );
}
