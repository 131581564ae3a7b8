"use client";

import { ArrowDown, ArrowUp, Search } from "lucide-react";
import { useSearchParams } from "next/navigation";
import { type KeyboardEvent, memo, useState } from "react";
import { AsOf, FreshnessNote, isOld } from "@/components/cards/freshness-note";
import { WaitingFor } from "@/components/cards/waiting-for";
import { useFreshness, useLocale, useRows } from "@/components/live/hooks";
import { useChangeEffect } from "@/components/ui/use-change-effect";
import { useSteady } from "@/components/ui/use-steady";
import type { ColumnOptions, Row, TableRef } from "@/lib/shared/define-channel";
import { cellText } from "./cell-text";
import { MAX_SHOWN, parseView, type TableView, viewRows, writeView } from "./table-view";

const TINT: Keyframe[] = [{ backgroundColor: "var(--tint)" }, { backgroundColor: "transparent" }];
const TINT_MS = 1000;
/** Four columns fit on a phone. */
const CELL_PADDING = "px-1.5 sm:px-4";
/** A filter for a handful of rows is clutter. */
const FILTER_FROM = 8;

interface LiveTableProps {
  table: TableRef;
  /** "the first region" */
  waitingFor: string;
  /** A row that one could send. */
  example: Row;
}

/** A channel's rows. Sort and filter live in the URL; up and down move by row. */
export function LiveTable({ table, waitingFor, example }: LiveTableProps) {
  const rows = useSteady(useRows(table));
  const { freshness } = useFreshness(table.channel, table.maxAge);
  const place = useLocale();
  const query = useSearchParams();
  const columns = Object.entries<ColumnOptions>(table.columns);
  const view = parseView(new URLSearchParams(query), table.channel, Object.keys(table.columns), table.key);
  const { shown, matching } = viewRows(rows, view, place.locale);
  const total = Object.keys(rows).length;
  const show = (change: Partial<TableView>) => {
    const next = writeView(new URLSearchParams(location.search), table.channel, table.key, {
      ...view,
      ...change,
    });
    // The rows are all here: the URL changes without asking the server.
    history.replaceState(null, "", next.size > 0 ? `?${next}` : location.pathname);
  };
  return (
    <section
      data-testid={`table-${table.channel}`}
      data-freshness={freshness}
      aria-label={table.title}
      className="flex min-w-0 flex-col rounded-card border border-line bg-surface"
    >
      <div className="flex min-h-12 flex-wrap items-center justify-between gap-x-4 gap-y-1 px-4 py-2 sm:flex-nowrap">
        <h2 className="font-medium">{table.title}</h2>
        {total >= FILTER_FROM && <Filter value={view.filter} onChange={(filter) => show({ filter })} />}
        <div className="flex min-w-0 items-center gap-2 whitespace-nowrap text-soft text-xs">
          {isOld(freshness) && (
            <span className="truncate max-sm:hidden">
              <AsOf of={table} />
            </span>
          )}
          <FreshnessNote of={table} brief />
        </div>
      </div>
      {total === 0 ? (
        <div className="border-line border-t p-4">
          <WaitingFor what={waitingFor} channel={table.channel} example={example} />
        </div>
      ) : (
        <div className="max-h-120 overflow-auto">
          <table className="w-full border-collapse max-sm:mx-2.5 max-sm:w-[calc(100%-1.25rem)]">
            <thead className="sticky top-0 z-10 bg-surface">
              <tr>
                {columns.map(([name, column]) => (
                  <ColumnHead key={name} name={name} column={column} view={view} show={show} />
                ))}
              </tr>
            </thead>
            <Rows shown={shown} columns={columns} />
          </table>
        </div>
      )}
      {total > 0 && (matching > MAX_SHOWN || matching < total) && (
        <p className="border-line border-t px-4 py-2 text-soft text-xs tabular-nums">
          {matching === 0 ? "No row matches the filter" : `${shown.length} of ${total} rows shown`}
        </p>
      )}
    </section>
  );
}

function Filter({ value, onChange }: { value: string; onChange: (filter: string) => void }) {
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
}

function ColumnHead({ name, column, view, show }: ColumnHeadProps) {
  const sorted = view.column === name;
  const right = column.type === "number";
  const Arrow = view.descending ? ArrowDown : ArrowUp;
  return (
    <th
      scope="col"
      aria-sort={sorted ? (view.descending ? "descending" : "ascending") : "none"}
      className={`border-line border-y p-0 font-normal text-soft text-xs ${right ? "text-right" : "text-left"}`}
    >
      <button
        type="button"
        onClick={() => show({ column: name, descending: sorted ? !view.descending : right })}
        className={`inline-flex min-h-9 w-full pointer-coarse:min-h-11 items-center gap-1 py-1 -outline-offset-2 hover:text-ink ${CELL_PADDING} ${right ? "justify-end text-right" : "text-left"} ${sorted ? "text-ink" : ""}`}
      >
        <Arrow
          aria-hidden
          className={`size-3 shrink-0 ${sorted ? "" : "max-sm:hidden sm:invisible"} ${right ? "" : "order-last"}`}
        />
        {column.title}
      </button>
    </th>
  );
}

interface RowsProps {
  shown: readonly [key: string, row: Row][];
  columns: readonly [name: string, column: ColumnOptions][];
}

/** One row is in the tab order; the arrow keys move from there. */
function Rows({ shown, columns }: RowsProps) {
  const [active, setActive] = useState<string>();
  const reachable = shown.some(([key]) => key === active) ? active : shown[0]?.[0];
  const onKeyDown = (event: KeyboardEvent<HTMLTableRowElement>) => {
    const row = event.currentTarget;
    const targets: Record<string, Element | null | undefined> = {
      ArrowDown: row.nextElementSibling,
      ArrowUp: row.previousElementSibling,
      Home: row.parentElement?.firstElementChild,
      End: row.parentElement?.lastElementChild,
    };
    const target = targets[event.key];
    if (!(target instanceof HTMLElement)) return;
    event.preventDefault();
    target.focus();
  };
  return (
    <tbody>
      {shown.map(([key, row]) => (
        <tr
          key={key}
          data-key={key}
          tabIndex={key === reachable ? 0 : -1}
          onFocus={() => setActive(key)}
          onKeyDown={onKeyDown}
          className="h-10 border-line border-b -outline-offset-2 last:border-b-0 hover:bg-sunken"
        >
          {columns.map(([name, column]) => (
            <CellView key={name} value={row[name]} column={column} name={name} />
          ))}
        </tr>
      ))}
    </tbody>
  );
}

interface CellViewProps {
  value: Row[string] | undefined;
  column: ColumnOptions;
  name: string;
}

const CellView = memo(function CellView({ value, column, name }: CellViewProps) {
  const place = useLocale();
  const cell = useChangeEffect<HTMLTableCellElement>(value, TINT, TINT_MS);
  return (
    <td
      ref={cell}
      data-column={name}
      className={`py-0 ${CELL_PADDING} ${column.type === "number" ? "text-right tabular-nums" : ""}`}
      suppressHydrationWarning
    >
      {cellText(value, column, place)}
    </td>
  );
});
