"use client";

import { Search } from "lucide-react";
import { type CSSProperties, type ReactNode, type Ref, useEffect, useRef } from "react";
import { AsOf, FreshnessNote, isOld } from "@/components/cards/freshness-note";
import { useFreshness, useLocale } from "@/components/live/hooks";
import { formatValue } from "@/lib/shared/format";
import type { Ordered } from "./table-order";
import { isFiltered, type TableView } from "./table-view";

/** The room around a cell's text, and for a head's arrow, where the screen is no phone's. */
const WIDE = { "--cell-wide": "1rem", "--arrow-wide": "1rem" };
const DENSE = { "--cell-wide": "0.625rem", "--arrow-wide": "0px" };
/** A filter for a handful of rows is clutter. */
const FILTER_FROM = 8;

/** Where the data comes from, as what tells of its age needs it. */
export interface Source {
  kind: "table" | "feed";
  channel: string;
  title: string;
  maxAge: number;
  cadence: number;
}

export interface FrameProps {
  source: Source;
  ordered: Ordered;
  show: (change: Partial<TableView>) => void;
  /** Many figures that move all the time: they stand closer together, and a tint would say nothing. */
  isVital: boolean;
  /** How many there have been, of what comes one after the other. */
  count: number | undefined;
  /** What became of the last action; read out as it changes. `undefined`: there are no actions. */
  outcome: string | undefined;
  /** What stands there while there are no rows. */
  empty: ReactNode;
  /** Stands below the rows. */
  note: ReactNode;
}

/** The card around a table: its title, its tools, how fresh it is, and what is said below it. */
export function TableFrame(
  props: FrameProps & { ref: Ref<HTMLElement>; tools: ReactNode; children: ReactNode },
) {
  const { source, ordered, show, isVital, count, outcome, empty, note, ref, tools, children } = props;
  const { freshness } = useFreshness(source.channel, source.maxAge);
  const { locale } = useLocale();
  const { total, view } = ordered;
  return (
    <section
      ref={ref}
      data-testid={`${source.kind}-${source.channel}`}
      data-freshness={freshness}
      data-count={count}
      aria-label={source.title}
      className="flex min-w-0 flex-col rounded-card border border-line bg-surface [--arrow:0px] [--cell:0.375rem] [--edge:1rem] sm:[--arrow:var(--arrow-wide)] sm:[--cell:var(--cell-wide)]"
      style={(isVital ? DENSE : WIDE) as CSSProperties}
    >
      <div className="flex min-h-12 flex-wrap items-center gap-x-4 gap-y-1 px-4 py-1.5">
        <h2 className="font-medium">{source.title}</h2>
        {/* As wide whatever it says: a row of tools must not jump when the data gets old. */}
        <div className="@container flex min-w-0 flex-1 basis-24 items-center justify-end gap-2 whitespace-nowrap text-soft text-xs tabular-nums sm:basis-48">
          {isOld(freshness) ? (
            <span className="truncate @max-xs:hidden">
              <AsOf of={source} />
            </span>
          ) : (
            count !== undefined &&
            count > 0 && <span suppressHydrationWarning>{exact(count, locale)} so far</span>
          )}
          <FreshnessNote of={source} brief />
        </div>
        {total > 0 && (
          <div className="needs-script flex items-center gap-2 max-sm:basis-full">
            {total >= FILTER_FROM && <Filter value={view.filter} onChange={(filter) => show({ filter })} />}
            {tools}
          </div>
        )}
      </div>
      {outcome !== undefined && (
        <p role="status" className={outcome ? "border-line border-t px-4 py-2" : "sr-only"}>
          {outcome}
        </p>
      )}
      {total === 0 ? <div className="border-line border-t p-4">{empty}</div> : children}
      {total > 0 && (
        <div className="flex flex-wrap items-center gap-x-3 border-line border-t px-4 py-2 text-soft text-xs tabular-nums">
          <span suppressHydrationWarning>{countText(ordered, locale)}</span>
          {isFiltered(view) && (
            <button
              type="button"
              onClick={() => show({ filter: "", filters: {} })}
              className="touch rounded-sm text-accent hover:underline"
            >
              Clear the filter
            </button>
          )}
          {note && <span>{note}</span>}
        </div>
      )}
    </section>
  );
}

/** How many rows there are, and how many of them match. */
export function countText({ entries, total, view }: Ordered, locale: string): string {
  if (!isFiltered(view)) return `${exact(total, locale)} ${total === 1 ? "row" : "rows"}`;
  return entries.length === 0
    ? "No row matches the filter"
    : `${exact(entries.length, locale)} of ${exact(total, locale)} rows match the filter`;
}

function exact(value: number, locale: string): string {
  return formatValue(value, { unit: "count" }, locale).exact;
}

function Filter({ value, onChange }: { value: string; onChange: (filter: string) => void }) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // Who types is ahead of the URL.
    if (input.current && document.activeElement !== input.current) input.current.value = value;
  }, [value]);
  return (
    <label className="touch flex h-9 items-center gap-2 rounded-card border border-line-strong px-2 text-soft focus-within:outline-2 focus-within:outline-accent max-sm:flex-1">
      <Search aria-hidden className="size-3.5 shrink-0" />
      <span className="sr-only">Filter</span>
      <input
        ref={input}
        type="search"
        placeholder="Filter"
        defaultValue={value}
        onChange={(event) => onChange(event.target.value)}
        className="w-full min-w-0 bg-transparent text-ink outline-none placeholder:text-soft sm:w-28"
      />
    </label>
  );
}
