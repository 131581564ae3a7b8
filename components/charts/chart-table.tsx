"use client";

import { X } from "lucide-react";
import { useEffect, useRef } from "react";
import { dateFormat, formatInline, type Place } from "@/lib/shared/format";
import { type Sheet, type SheetRow, sheetOf } from "./chart-sheet";
import type { ChartSnapshot } from "./chart-snapshot";
import { offsetOf } from "./time-axis";

const DAY_MS = 24 * 60 * 60_000;

/** A chart's numbers as they were when it was opened; it does not move while somebody reads. */
export function ChartTable({ snapshot, close }: { snapshot: ChartSnapshot; close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const { title, rangeText, place, now } = snapshot;
  const sheet = sheetOf(snapshot);
  const { columns, rows, total } = sheet;
  const clock = clockOf(sheet, place);
  const isTimed = sheet.head === "Time";
  return (
    <dialog
      ref={dialog}
      aria-label={`${title} as a table`}
      onClose={close}
      data-testid="chart-table"
      className="m-auto max-h-[min(44rem,calc(100dvh-2rem))] max-w-[min(60rem,calc(100vw-1rem))] flex-col rounded-card border border-line bg-raised p-0 text-ink backdrop:bg-black/40 open:flex"
    >
      <div className="flex items-center gap-4 px-4 py-2">
        <p className="min-w-0 py-1 text-soft text-xs">
          <b className="block font-semibold text-base text-ink">{title}</b>
          {isTimed && `${rangeText} · `}as of {clock(now)}
          {rows.length < total && ` · the newest ${rows.length} of ${total} rows`}
        </p>
        <button
          type="button"
          onClick={() => dialog.current?.close()}
          aria-label="Close"
          className="touch ml-auto grid size-9 shrink-0 place-items-center rounded-card text-soft hover:bg-sunken hover:text-ink"
        >
          <X aria-hidden className="size-4" />
        </button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <div tabIndex={0} className="min-h-0 overflow-auto border-line border-t -outline-offset-2">
        <table className="w-full border-collapse tabular-nums">
          <caption className="sr-only">
            {title}, {rangeText}
          </caption>
          <thead className="sticky top-0 bg-raised">
            <tr className="text-soft text-xs">
              <th scope="col" className="border-line border-b px-4 py-2 text-left font-medium">
                {isTimed ? "Time from" : sheet.head}
              </th>
              {columns.map((column) => (
                <th
                  key={column.title}
                  scope="col"
                  className="border-line border-b px-4 py-2 text-right font-medium"
                >
                  {column.title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the rows do not move.
              <tr key={i} className="border-line border-b last:border-b-0">
                <th scope="row" className="whitespace-nowrap px-4 py-1.5 text-left font-normal text-soft">
                  {row.from === undefined ? row.name : clock(row.from)}
                  {row.isOpen && ", so far"}
                </th>
                <Cells row={row} sheet={sheet} locale={place.locale} />
              </tr>
            ))}
          </tbody>
        </table>
        {rows.length === 0 && <p className="p-4 text-soft">No data in this time</p>}
      </div>
    </dialog>
  );
}

interface CellsProps {
  row: SheetRow;
  sheet: Sheet;
  locale: string;
}

function Cells({ row: { cells, gap }, sheet: { columns }, locale }: CellsProps) {
  if (gap)
    return (
      <td colSpan={columns.length} className="hatch whitespace-nowrap px-4 py-1.5 text-right text-soft">
        {gap}
      </td>
    );
  return cells.map((cell, i) => (
    <td key={columns[i]!.title} className="whitespace-nowrap px-4 py-1.5 text-right">
      {cell === null ? (
        <span className="text-soft">no data</span>
      ) : (
        formatInline(cell, columns[i]!.format, locale)
      )}
    </td>
  ));
}

/** Times of the viewer's zone with their distance from UTC, which may change within a table; the day where it matters. */
function clockOf({ rows }: Sheet, { locale, timeZone }: Place): (ms: number) => string {
  const [first, last] = [rows[0]?.from, rows.at(-1)?.from];
  const dated = first !== undefined && last !== undefined && last - first > DAY_MS / 2;
  const format = dateFormat(locale, {
    ...(dated && { day: "numeric", month: "short" }),
    ...{ hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone },
  });
  return (ms) => `${format.format(ms)} ${offsetText(offsetOf(ms, timeZone))}`;
}

/** "UTC+01:00" */
function offsetText(offset: number): string {
  const minutes = Math.abs(Math.round(offset / 60_000));
  if (minutes === 0) return "UTC";
  const two = (part: number) => String(part).padStart(2, "0");
  return `UTC${offset < 0 ? "\u2212" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
