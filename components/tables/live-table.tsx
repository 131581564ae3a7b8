"use client";

import { useSearchParams } from "next/navigation";
import { type CSSProperties, type KeyboardEvent, memo, type ReactNode, useState } from "react";
import { AsOf, FreshnessNote, isOld } from "@/components/cards/freshness-note";
import { useFreshness, useLocale, useRows } from "@/components/live/hooks";
import { useChangeEffect } from "@/components/ui/use-change-effect";
import { useSteady } from "@/components/ui/use-steady";
import type { ColumnOptions, Row, TableRef } from "@/lib/shared/define-channel";
import { cellText } from "./cell-text";
import { ColumnHead, Filter } from "./table-head";
import { MAX_SHOWN, parseView, type TableView, viewRows, writeView } from "./table-view";

const TINT: Keyframe[] = [{ backgroundColor: "var(--tint)" }, { backgroundColor: "transparent" }];
const NO_TINT: Keyframe[] = [];
const TINT_MS = 1000;
/** A filter for a handful of rows is clutter. */
const FILTER_FROM = 8;
const HOUR_MS = 60 * 60_000;

export interface LiveTableProps {
  table: TableRef;
  /** What stands there while there are no rows. */
  empty: ReactNode;
  /** The columns to show, in this order; all by default. */
  columns?: readonly string[];
  /** Those of them that are shown on a phone, where four fit; all by default. */
  phoneColumns?: readonly string[];
  /** Many figures that move all the time: they stand closer together, and a tint would say nothing. */
  vitals?: boolean;
  /** What can be done to a row, at its end. Only one row's controls are in the tab order. */
  action?: (key: string, row: Row, tabIndex: 0 | -1) => ReactNode;
  /** What became of the last action; read out as it changes. */
  outcome?: string;
  /** Stands below the rows. */
  note?: ReactNode;
}

/** A channel's rows. Sort and filter live in the URL; up and down move by row. */
export function LiveTable({
  table,
  empty,
  columns: chosen,
  vitals = false,
  action,
  outcome,
  note,
  ...rest
}: LiveTableProps) {
  const rows = useSteady(useRows(table));
  const { freshness, asOf } = useFreshness(table.channel, table.maxAge);
  const place = useLocale();
  const query = useSearchParams();
  const all: Record<string, ColumnOptions> = table.columns;
  const columns = (chosen ?? Object.keys(all)).map((name): ShownColumn => {
    const onPhone = rest.phoneColumns?.includes(name) ?? true;
    return { name, column: all[name]!, className: onPhone ? "" : "max-sm:hidden" };
  });
  const view = parseView(new URLSearchParams(query), table.channel, Object.keys(all), table.key);
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
  const isPart = matching > MAX_SHOWN || matching < total;
  return (
    <section
      data-testid={`table-${table.channel}`}
      data-freshness={freshness}
      aria-label={table.title}
      className="flex min-w-0 flex-col rounded-card border border-line bg-surface [--cell:0.375rem] sm:[--cell:var(--cell-wide)]"
      style={{ "--cell-wide": vitals ? "0.625rem" : "1rem" } as CSSProperties}
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
      {action && (
        <p role="status" className={outcome ? "border-line border-t px-4 py-2" : "sr-only"}>
          {outcome}
        </p>
      )}
      {total === 0 ? (
        <div className="border-line border-t p-4">{empty}</div>
      ) : (
        <div className="max-h-120 overflow-auto">
          <table
            className={`border-collapse max-sm:mx-2.5 max-sm:w-[calc(100%-1.25rem)] ${vitals ? "sm:mx-1.5 sm:w-[calc(100%-0.75rem)]" : "w-full"}`}
          >
            <thead className="sticky top-0 z-10 bg-surface">
              <tr>
                {columns.map(({ name, column, className }) => (
                  <ColumnHead
                    key={name}
                    name={name}
                    column={column}
                    view={view}
                    show={show}
                    className={className}
                    dense={vitals}
                  />
                ))}
                {action && (
                  <th scope="col" className="border-line border-y p-0">
                    <span className="sr-only">Actions</span>
                  </th>
                )}
              </tr>
            </thead>
            {/* To the hour is enough to tell what needs its date, and renders nothing again. */}
            <Rows
              shown={shown}
              columns={columns}
              action={action}
              isTinted={!vitals}
              now={asOf === null ? undefined : Math.floor(asOf / HOUR_MS) * HOUR_MS}
            />
          </table>
        </div>
      )}
      {total > 0 && (isPart || note) && (
        <p className="border-line border-t px-4 py-2 text-soft text-xs tabular-nums" suppressHydrationWarning>
          {isPart &&
            (matching === 0 ? "No row matches the filter" : `${shown.length} of ${total} rows shown`)}
          {isPart && note && " · "}
          {note}
        </p>
      )}
    </section>
  );
}

interface ShownColumn {
  name: string;
  column: ColumnOptions;
  className: string;
}

interface RowsProps {
  shown: readonly [key: string, row: Row][];
  columns: readonly ShownColumn[];
  action: LiveTableProps["action"];
  isTinted: boolean;
  now: number | undefined;
}

/** One row is in the tab order; the arrow keys move from there. */
function Rows({ shown, columns, action, isTinted, now }: RowsProps) {
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
          {columns.map(({ name, column, className }) => (
            <CellView
              key={name}
              value={row[name]}
              column={column}
              name={name}
              className={className}
              isTinted={isTinted}
              now={column.type === "time" ? now : undefined}
            />
          ))}
          {action && (
            <td className="px-(--cell) py-0 text-right">{action(key, row, key === reachable ? 0 : -1)}</td>
          )}
        </tr>
      ))}
    </tbody>
  );
}

interface CellViewProps {
  value: Row[string] | undefined;
  column: ColumnOptions;
  name: string;
  className: string;
  isTinted: boolean;
  now: number | undefined;
}

const CellView = memo(function CellView({ value, column, name, className, isTinted, now }: CellViewProps) {
  const place = useLocale();
  const cell = useChangeEffect<HTMLTableCellElement>(value, isTinted ? TINT : NO_TINT, TINT_MS);
  const text = cellText(value, column, place, now);
  const isNumber = column.type === "number";
  return (
    <td
      ref={cell}
      data-column={name}
      title={typeof value === "string" && value.length > 16 ? value : undefined}
      className={`px-(--cell) py-0 ${isNumber ? "text-right tabular-nums" : "max-w-56 truncate"} ${className}`}
      suppressHydrationWarning
    >
      {text}
    </td>
  );
});
