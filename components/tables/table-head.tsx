"use client";

import { ArrowDown, ArrowUp, Search } from "lucide-react";
import type { ColumnOptions } from "@/lib/shared/define-channel";
import type { TableView } from "./table-view";

export function Filter({ value, onChange }: { value: string; onChange: (filter: string) => void }) {
  return (
    <label className="touch flex h-8 items-center max-sm:order-last max-sm:basis-full gap-2 rounded-card border border-line px-2 text-soft focus-within:outline-2 focus-within:outline-accent">
      <Search aria-hidden className="size-3.5" />
      <span className="sr-only">Filter</span>
      <input
        type="search"
        placeholder="Filter"
        defaultValue={value}
        onChange={(event) => onChange(event.target.value)}
        className="w-full min-w-0 bg-transparent sm:w-28 text-ink outline-none placeholder:text-soft"
      />
    </label>
  );
}

interface ColumnHeadProps {
  name: string;
  column: ColumnOptions;
  view: TableView;
  show: (change: Partial<TableView>) => void;
  /** Its padding and where it is left out. */
  className: string;
  /** Keeps no room for the arrow of a column that is not sorted by. */
  dense: boolean;
}

export function ColumnHead({ name, column, view, show, className, dense }: ColumnHeadProps) {
  const sorted = view.column === name;
  const right = column.type === "number";
  const Arrow = view.descending ? ArrowDown : ArrowUp;
  return (
    <th
      scope="col"
      aria-sort={sorted ? (view.descending ? "descending" : "ascending") : "none"}
      className={`border-line border-y p-0 font-normal text-soft text-xs ${right ? "text-right" : "text-left"} ${className}`}
    >
      <button
        type="button"
        onClick={() => show({ column: name, descending: sorted ? !view.descending : right })}
        className={`inline-flex min-h-9 w-full pointer-coarse:min-h-11 items-center gap-1 px-(--cell) py-1 -outline-offset-2 hover:text-ink ${right ? "justify-end text-right" : "text-left"} ${sorted ? "text-ink" : ""}`}
      >
        <Arrow
          aria-hidden
          className={`size-3 shrink-0 ${sorted ? "" : dense ? "hidden" : "max-sm:hidden sm:invisible"} ${right ? "" : "order-last"}`}
        />
        {column.title}
      </button>
    </th>
  );
}
