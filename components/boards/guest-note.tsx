"use client";

import type { Told } from "./use-arranging";
import type { Seat } from "./use-board";

/** Above somebody else's board: what it is, and how to keep it. */
export function GuestNote({
  mode,
  board,
  store,
  reading,
  goOwn,
  tell,
}: Seat & { tell: (told: Told | undefined) => void }) {
  const keep = () => {
    if (!store || !board) return;
    const refusal = store.adopt(board);
    if (refusal) tell({ text: `${refusal} Delete one of yours first.` });
    else goOwn();
  };
  const own = reading?.current;
  const button =
    "needs-script touch flex h-9 items-center rounded-card border px-3 font-medium disabled:opacity-60";
  return (
    <section
      aria-label="Shared board"
      className="kiosk:hidden flex flex-wrap items-center gap-2 rounded-card border border-line bg-surface py-2 pr-2 pl-4"
    >
      <p className="min-w-48 flex-1">
        <b className="font-medium">Shared by link.</b>{" "}
        <span className="text-soft">
          Keep it to change it: that makes a copy of your own, in this browser.
        </span>
      </p>
      {own && (
        <button type="button" onClick={goOwn} className={`${button} border-line hover:bg-sunken`}>
          My boards
        </button>
      )}
      <button
        type="button"
        disabled={mode === "unknown"}
        onClick={keep}
        className={`${button} border-accent bg-accent text-surface hover:opacity-90`}
      >
        Keep as my board
      </button>
    </section>
  );
}
