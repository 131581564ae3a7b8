"use client";

import { Check, Plus, Search, X } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import { MAX_WIDGETS, type Pick, type WidgetKind, widgetId } from "@/lib/shared/boards/board";
import { type CatalogueSection, type Entry, searchCatalogue } from "@/lib/shared/boards/catalogue";

export interface PickerProps {
  sections: readonly CatalogueSection[];
  /** The board's, where there is one. */
  name: string | undefined;
  /** The ids of what is on the board. */
  chosen: ReadonlySet<string>;
  /** Adds it, or takes it away; says what became of it. */
  toggle: (pick: Pick, title: string) => string;
  close: () => void;
}

const WORDS: Readonly<Record<WidgetKind, string>> = {
  ...{ card: "Number", gauge: "Gauge", line: "Line", area: "Area", stacked: "Stacked", bar: "Bars" },
  ...{ table: "Table", category: "Bars", list: "List" },
};

/** All that can be on a board, by group, with a search. What is pressed is on the board at once. */
export function WidgetPicker({ sections, name, chosen, toggle, close }: PickerProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const id = useId();
  const [text, setText] = useState("");
  const [group, setGroup] = useState("");
  const [said, say] = useState("");
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    // React's `autoFocus` comes before the dialog is open, when nothing in it can have the focus.
    search.current?.focus();
    return () => shown?.close();
  }, []);
  const found = searchCatalogue(
    sections.filter((section) => group === "" || section.name === group),
    text,
  );
  const count = found.reduce((sum, { entries }) => sum + entries.length, 0);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={`${id}-title`}
      onClose={close}
      className="m-auto h-[min(44rem,calc(100dvh-2rem))] w-[min(44rem,calc(100vw-1rem))] rounded-card border border-line bg-raised p-0 text-ink backdrop:bg-black/40"
    >
      <div className="flex h-full flex-col">
        <div className="flex flex-col gap-3 border-line border-b p-4">
          <div className="flex items-center gap-2">
            <h2 id={`${id}-title`} className="mr-auto min-w-0 truncate font-semibold text-base">
              {name ? `Add to ${name}` : "Pick widgets"}
            </h2>
            <button
              type="button"
              aria-label="Close"
              onClick={() => dialog.current?.close()}
              className="touch grid size-9 place-items-center rounded-card text-soft hover:bg-sunken hover:text-ink"
            >
              <X aria-hidden className="size-4" />
            </button>
          </div>
          <div className="flex flex-wrap gap-2">
            <label className="touch flex h-10 min-w-48 flex-1 items-center gap-2 rounded-card border border-line px-3 text-soft focus-within:outline-2 focus-within:outline-accent">
              <Search aria-hidden className="size-4 shrink-0" />
              <span className="sr-only">Search</span>
              <input
                type="search"
                placeholder="Search, like “response time”"
                ref={search}
                value={text}
                onChange={({ target }) => setText(target.value)}
                className="w-full min-w-0 bg-transparent text-ink outline-none placeholder:text-soft"
              />
            </label>
            <select
              aria-label="Group"
              value={group}
              onChange={({ target }) => setGroup(target.value)}
              className="touch h-10 rounded-card border border-line bg-raised px-2"
            >
              <option value="">All groups</option>
              {sections.map(({ name, title }) => (
                <option key={name} value={name}>
                  {title}
                </option>
              ))}
            </select>
          </div>
        </div>
        <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-4 pb-4">
          {found.map((section) => (
            <section key={section.name} aria-label={section.title}>
              <h3 className="sticky top-0 bg-raised pt-4 pb-1 font-medium text-label text-soft">
                {section.title}
              </h3>
              <ul>
                {section.entries.map((entry) => (
                  <EntryRow
                    key={widgetId(entry.picks[0]!)}
                    entry={entry}
                    chosen={chosen}
                    toggle={(pick) => say(toggle(pick, entry.title))}
                  />
                ))}
              </ul>
            </section>
          ))}
          {count === 0 && <p className="py-12 text-center text-soft">Nothing here is called that.</p>}
        </div>
        <div className="flex items-center gap-3 border-line border-t px-4 py-3">
          <p className="mr-auto text-soft text-xs tabular-nums">
            {chosen.size} of {MAX_WIDGETS} on the board
          </p>
          <p role="status" className="min-w-0 truncate text-xs">
            {said}
          </p>
          <button
            type="button"
            onClick={() => dialog.current?.close()}
            className="touch h-9 rounded-card bg-accent px-4 font-medium text-surface hover:opacity-90"
          >
            Done
          </button>
        </div>
      </div>
    </dialog>
  );
}

interface EntryRowProps {
  entry: Entry;
  chosen: ReadonlySet<string>;
  toggle: (pick: Pick) => void;
}

function EntryRow({ entry: { title, about, picks }, chosen, toggle }: EntryRowProps) {
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-line border-t py-2.5">
      <div className="min-w-48 flex-1">
        <p className="font-medium">{title}</p>
        {about && <p className="text-soft text-xs">{about}</p>}
      </div>
      <div className="flex flex-wrap gap-1">
        {picks.map((pick) => {
          const isChosen = chosen.has(widgetId(pick));
          const Icon = isChosen ? Check : Plus;
          return (
            <button
              key={pick.kind}
              type="button"
              aria-pressed={isChosen}
              aria-label={`${title}, ${WORDS[pick.kind].toLowerCase()}`}
              onClick={() => toggle(pick)}
              className={`touch flex h-8 items-center gap-1 rounded-card border px-2 text-xs ${isChosen ? "border-accent bg-accent-soft font-medium text-accent" : "border-line hover:bg-sunken"}`}
            >
              <Icon aria-hidden className="size-3.5" />
              {WORDS[pick.kind]}
            </button>
          );
        })}
      </div>
    </li>
  );
}
