"use client";

import { useCallback } from "react";
import { useLocale, useRows, useServerNow } from "@/components/live/hooks";
import { EmptyNote } from "@/components/tables/empty-note";
import { LiveTable } from "@/components/tables/live-table";
import type { CellContents } from "@/components/tables/table-row";
import type { TableLook } from "@/components/tables/table-shape";
import type { Cell, Row, TableRef } from "@/lib/shared/define-channel";
import { formatTime } from "@/lib/shared/format";
import { RowButton } from "./row-button";
import { agoWords, stateLook, untilWords } from "./source-words";
import { useSourceTest } from "./use-source-test";

const FIRST = ["title", "state"];
const LAST = ["kind", "target", "readings"];
/** Columns that say something only for some sources, and only shown then. */
const TROUBLE = ["reason", "failures", "nextTry"];
const STREAM = ["lag", "waiting"];
const REFUSED = ["rejected", "rejection", "dropped"];
/** Each choice is made once, as a table's columns are to stay the same. */
const CHOICES = new Map<string, string[]>();

/** The reasons stand above the table, and the rest is in a row's details. */
const PHONE_COLUMNS = ["title", "state"];
const LOOK: TableLook = { name: "title", order: { column: "state", descending: false }, room: { state: 3 } };

/** How each source is, those that need somebody first. Each can be asked for news. */
export function SourceTable({ sources }: { sources: TableRef }) {
  const { outcome, testing, test } = useSourceTest(sources);
  const rows = Object.values(useRows(sources));
  const action = useCallback(
    (channel: string, row: Row, tabIndex: 0 | -1) => (
      <RowButton
        label={`Test now: ${row.title}`}
        disabled={row.state === "Off"}
        busy={testing === channel}
        tabIndex={tabIndex}
        onClick={() => test(channel, row)}
      >
        {testing === channel ? "Asking…" : "Test now"}
      </RowButton>
    ),
    [testing, test],
  );
  return (
    <LiveTable
      table={sources}
      vitals
      columns={columnsFor(rows)}
      phoneColumns={PHONE_COLUMNS}
      look={LOOK}
      cells={CELLS}
      action={action}
      outcome={outcome}
      empty={
        <EmptyNote
          title="No source has told of itself yet"
          text="Each does so every second, while a node of this deployment reads the sources."
        />
      }
    />
  );
}

function columnsFor(rows: readonly Row[]): string[] {
  const has = (columns: string[]) => rows.some((row) => columns.some((name) => row[name]));
  const parts = [has(TROUBLE), has(STREAM), has(REFUSED)];
  const choice = parts.join();
  const known = CHOICES.get(choice);
  if (known) return known;
  const [trouble, stream, refused] = [TROUBLE, STREAM, REFUSED].map((columns, i) =>
    parts[i] ? columns : [],
  );
  const columns = [...FIRST, ...trouble!, "lastSuccess", ...LAST, ...stream!, ...refused!, "channel"];
  CHOICES.set(choice, columns);
  return columns;
}

const CELLS: CellContents = {
  state: ({ state }) => <State state={state} />,
  lastSuccess: ({ lastSuccess }) => <Moment at={lastSuccess} words={agoWords} />,
  lastTry: ({ lastTry }) => <Moment at={lastTry} words={agoWords} />,
  nextTry: ({ nextTry }) => <Moment at={nextTry} words={untilWords} />,
};

function State({ state }: { state: Cell | undefined }) {
  const { icon: Icon, colour } = stateLook(state);
  return (
    <span className={`flex items-center gap-1.5 ${colour}`}>
      <Icon aria-hidden className="size-3.5 shrink-0" />
      <span className="truncate">{state}</span>
    </span>
  );
}

/** How far away a time is; the time itself until the server's clock is known, as in its HTML. */
function Moment({ at, words }: { at: Cell | undefined; words: (at: number, now: number) => string }) {
  const now = useServerNow();
  const place = useLocale();
  if (typeof at !== "number") return "–";
  const exact = formatTime(at, place, now);
  return (
    <span className="tabular-nums" title={exact} suppressHydrationWarning>
      {now === undefined ? exact : words(at, now)}
    </span>
  );
}
