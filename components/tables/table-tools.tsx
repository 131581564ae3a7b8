"use client";

import { Columns3, Download } from "lucide-react";
import type { ReactNode } from "react";

/** A quiet button in a table's heading. */
export const TOOL = "border border-line text-soft text-xs hover:text-ink";
const BUTTON = `kiosk:hidden touch flex h-9 items-center gap-2 rounded-card px-2 hover:bg-sunken ${TOOL}`;

export const columnsLabel = (
  <>
    <Columns3 aria-hidden className="size-3.5" />
    Columns
  </>
);

/** Until the code for them is there, the tools only keep their place. */
export function TableTools({ columns, onExport }: { columns?: ReactNode; onExport?: () => void }) {
  return (
    <>
      {columns ?? (
        <button type="button" disabled className={BUTTON}>
          {columnsLabel}
        </button>
      )}
      <button
        type="button"
        disabled={!onExport}
        onClick={onExport}
        title="The rows that match, in this order, as a CSV file"
        className={BUTTON}
      >
        <Download aria-hidden className="size-3.5" />
        Export
      </button>
    </>
  );
}
