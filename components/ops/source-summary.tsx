"use client";

import { AsOf, isOld } from "@/components/cards/freshness-note";
import { useFreshness, useRows } from "@/components/live/hooks";
import type { Row, TableRef } from "@/lib/shared/define-channel";
import { stateLook, summaryOf } from "./source-words";

/** So many reasons are spelled out; the table has all. */
const MAX_SHOWN = 5;

/** Whether all sources work, readable from afar, and in words what is wrong with those that do not. */
export function SourceSummary({ sources }: { sources: TableRef }) {
  const rows = Object.values(useRows(sources));
  const { freshness } = useFreshness(sources.channel, sources.maxAge);
  if (rows.length === 0) return null;
  const { text, state } = summaryOf(rows);
  const { icon: Icon, colour } = stateLook(state);
  const troubled = [...rows.filter(isState("Fails")), ...rows.filter(isState("Off"))];
  return (
    <section
      aria-label="Summary"
      data-testid="sources-summary"
      className="flex flex-col gap-3 rounded-card border border-line bg-surface p-4"
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Icon aria-hidden className={`size-5 shrink-0 ${colour}`} />
        <p className="font-semibold text-xl">{text}</p>
        {isOld(freshness) && (
          <span className="text-attention text-xs">
            <AsOf of={sources} />
          </span>
        )}
      </div>
      {troubled.length > 0 && (
        <ul className="flex flex-col gap-1 text-soft">
          {troubled.slice(0, MAX_SHOWN).map((row) => (
            <li key={String(row.channel)} className="break-words">
              <span className="font-medium text-ink">{row.title}</span> {reasonOf(row)}
            </li>
          ))}
          {troubled.length > MAX_SHOWN && <li>{troubled.length - MAX_SHOWN} more are in the table.</li>}
        </ul>
      )}
    </section>
  );
}

const isState = (state: string) => (row: Row) => row.state === state;

function reasonOf({ kind, state, reason }: Row): string {
  return `(${kind}) ${state === "Off" ? "is off" : "fails"}${reason ? `: ${reason}` : ""}`;
}
