import { LayoutGrid } from "lucide-react";

interface EmptyBoardProps {
  /** The browser's boards are read: it is empty for sure, and can be filled. */
  isKnown: boolean;
  /** There is none yet. */
  isFirst: boolean;
  pick: () => void;
}

/** What a board is for, and the one button that begins it. */
export function EmptyBoard({ isKnown, isFirst, pick }: EmptyBoardProps) {
  return (
    <section
      data-testid="board-empty"
      className="flex flex-col items-center gap-3 rounded-card border border-line-strong/60 border-dashed px-6 py-16 text-center"
    >
      <LayoutGrid aria-hidden className="size-8 text-soft" strokeWidth={1.5} />
      <h2 className="font-semibold text-base">
        {isFirst ? "Put together what you want to see" : "This board is empty"}
      </h2>
      <p className="max-w-md text-soft">
        Pick numbers, charts and tables from all pages and arrange them as you like. The board stays in this
        browser; its link shows it to others.
      </p>
      <button
        type="button"
        disabled={!isKnown}
        onClick={pick}
        className="needs-script touch mt-2 h-10 rounded-card bg-accent px-4 font-medium text-surface hover:opacity-90 disabled:opacity-60"
      >
        Pick widgets
      </button>
      <noscript>
        <p className="text-soft">This needs JavaScript. Boards that others share by link do not.</p>
      </noscript>
    </section>
  );
}
