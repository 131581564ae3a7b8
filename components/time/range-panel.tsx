"use client";

import { type FormEvent, useState } from "react";
import NoteDialog from "@/components/charts/note-dialog";
import { useLocale } from "@/components/live/hooks";
import { useLiveClient } from "@/components/live/live-context";
import { Panel } from "@/components/ui/panel";
import type { PanelProps } from "@/components/ui/panel-button";
import { type Compare, spanAt, spanOf, type TimeRange, WINDOWS, withoutFixed } from "@/lib/shared/time-range";
import { COMPARE_WORDS } from "./range-words";
import { showRange, useRange } from "./use-range";
import { changedInstant, toWall } from "./wall-time";

/** What the charts show of the past: a window that slides, or from when to when, and what it is compared with. */
export default function RangePanel(props: PanelProps) {
  const range = useRange();
  const client = useLiveClient();
  const [noteAt, setNoteAt] = useState<number>();
  const close = () => props.setOpen(false);
  const show = (next: TimeRange) => {
    showRange(next);
    close();
  };
  const note = () => {
    close();
    setNoteAt(client?.serverNow() ?? Date.now());
  };
  return (
    <>
      <Panel {...props} title="Time range">
        <div className="flex flex-col gap-5" data-testid="range-panel">
          <fieldset>
            <legend className="mb-2 text-label text-soft">Live, the last</legend>
            <div className="grid grid-cols-2 gap-2 sm:grid-cols-4">
              {WINDOWS.map((window) => (
                <Choice
                  key={window.name}
                  isChosen={!range.fixed && range.window.name === window.name}
                  choose={() => show({ ...withoutFixed(range), window })}
                >
                  {window.title.replace(/ minutes?$/, " min")}
                </Choice>
              ))}
            </div>
          </fieldset>
          <FixedSpan range={range} show={show} />
          <fieldset>
            <legend className="mb-2 text-label text-soft">Compare with</legend>
            <div className="grid grid-cols-[3fr_4fr_4fr] gap-2">
              {([undefined, "previous", "week"] as const).map((compare: Compare | undefined) => (
                <Choice
                  key={compare ?? "nothing"}
                  isChosen={range.compare === compare}
                  choose={() => show({ ...range, compare })}
                >
                  {compare ? COMPARE_WORDS[compare] : "nothing"}
                </Choice>
              ))}
            </div>
          </fieldset>
          <label className="touch flex items-center gap-3">
            <input
              type="checkbox"
              checked={range.utc}
              onChange={(event) => showRange({ ...range, utc: event.target.checked })}
              className="size-4 accent-accent"
            />
            Times in UTC
          </label>
          <button
            type="button"
            onClick={note}
            className="touch h-9 rounded-card border border-line px-3 font-medium hover:bg-sunken"
          >
            Add a note to the charts
          </button>
        </div>
      </Panel>
      {noteAt !== undefined && (
        <NoteDialog at={noteAt} onClose={() => setNoteAt(undefined)} returnTo={props.anchor} />
      )}
    </>
  );
}

function Choice(props: { isChosen: boolean; choose: () => void; children: string }) {
  const { isChosen, choose, children } = props;
  return (
    <button
      type="button"
      aria-pressed={isChosen}
      onClick={choose}
      className={`touch min-h-9 whitespace-nowrap rounded-card border px-1 py-1 ${isChosen ? "border-accent bg-accent-soft font-medium text-accent" : "border-line hover:bg-sunken"}`}
    >
      {children}
    </button>
  );
}

function FixedSpan({ range, show }: { range: TimeRange; show: (range: TimeRange) => void }) {
  const { timeZone } = useLocale();
  const client = useLiveClient();
  const [shown] = useState(() => spanAt(range, client?.serverNow() ?? Date.now()));
  const [problem, setProblem] = useState<string>();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const instant = (name: "from" | "to") => changedInstant(String(form.get(name)), shown[name], timeZone);
    const [from, to] = [instant("from"), instant("to")];
    const fixed = spanOf(from, to);
    if (fixed) return show({ ...range, fixed });
    if (from === undefined || to === undefined) return setProblem("Give both times.");
    setProblem(from >= to ? "The end has to lie after the start." : "At least 5 seconds, at most two years.");
  };
  return (
    <form onSubmit={submit}>
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-2 text-label text-soft">Or from when to when ({timeZone})</legend>
        {(["from", "to"] as const).map((name) => (
          <label key={name} className="grid grid-cols-[3rem_1fr] items-center">
            {name === "from" ? "From" : "To"}
            <input
              type="datetime-local"
              name={name}
              step={1}
              required
              defaultValue={toWall(shown[name], timeZone)}
              className="touch h-9 min-w-0 rounded-card border border-line-strong bg-transparent px-2 tabular-nums"
            />
          </label>
        ))}
        <p role="alert" className="min-h-4 text-bad text-xs">
          {problem}
        </p>
        <button
          type="submit"
          className="touch h-9 rounded-card border border-line px-3 font-medium hover:bg-sunken"
        >
          Show this time
        </button>
      </fieldset>
    </form>
  );
}
