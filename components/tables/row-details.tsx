"use client";

import { Dialog } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { useRef } from "react";
import { FreshnessNote } from "@/components/cards/freshness-note";
import { useLocale } from "@/components/live/hooks";
import type { Cell, ColumnOptions, Row } from "@/lib/shared/define-channel";
import { dateFormat, formatValue, type Place } from "@/lib/shared/format";
import { cellText, formatOf } from "./cell-text";
import type { Source } from "./table-frame";
import type { TableShape } from "./table-shape";
import { allColumns } from "./table-view";

interface RowDetailsProps {
  source: Source;
  shape: TableShape;
  isOpen: boolean;
  /** As it is now; `undefined` when it has gone. */
  row: Row | undefined;
  close: () => void;
  /** What gets the focus back. */
  returnTo: () => HTMLElement | null;
}

/** All that is known of a row, as it changes, beside the page. */
export default function RowDetails({ source, shape, isOpen, row, close, returnTo }: RowDetailsProps) {
  const popup = useRef<HTMLDivElement>(null);
  const place = useLocale();
  const known = useRef<Row>({});
  if (row) known.current = row;
  const shown = known.current;
  return (
    <Dialog.Root
      open={isOpen}
      // The table beside it goes on, and another of its rows may be pressed.
      modal={false}
      disablePointerDismissal
      onOpenChange={(open) => !open && close()}
    >
      <Dialog.Portal>
        <Dialog.Popup
          ref={popup}
          initialFocus={popup}
          finalFocus={returnTo}
          data-testid={`details-${shape.channel}`}
          // Below the bar that says how the connection is, and above the pages of a phone.
          className="fixed top-14 right-0 bottom-[calc(3.5rem+env(safe-area-inset-bottom))] z-10 w-full overflow-y-auto overscroll-contain border-line-strong/60 bg-raised p-6 pt-8 text-ink outline-none sm:w-105 sm:border-l md:bottom-0"
        >
          <div className="mb-4 flex items-start justify-between gap-4">
            <div className="min-w-0">
              <div className="flex gap-2 text-soft text-xs">
                {source.title} <FreshnessNote of={source} brief />
              </div>
              <Dialog.Title className="break-words font-semibold text-base">
                {cellText(shown[shape.name], shape.columns[shape.name]!, place)}
              </Dialog.Title>
            </div>
            <Dialog.Close className="touch flex h-9 shrink-0 items-center gap-2 rounded-card border border-line px-3 hover:bg-sunken">
              <X aria-hidden className="size-4" />
              Close
            </Dialog.Close>
          </div>
          <p role="status" className={row ? "sr-only" : "mb-4 rounded-card bg-attention-soft px-3 py-2"}>
            {!row && "This row is not in the table any more. Its last values were:"}
          </p>
          <dl>
            {allColumns(shape).map((name) => (
              <div key={name} className="border-line border-t py-2" data-column={name}>
                <dt className="text-soft text-xs">{shape.columns[name]!.title}</dt>
                <dd className="whitespace-pre-wrap break-words tabular-nums">
                  {exactText(shown[name], shape.columns[name]!, place)}
                </dd>
              </div>
            ))}
          </dl>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function exactText(value: Cell | undefined, column: ColumnOptions, place: Place): string {
  if (typeof value !== "number") return cellText(value, column, place);
  if (column.type !== "time") return formatValue(value, formatOf(column), place.locale).exact;
  return dateFormat(place.locale, {
    dateStyle: "full",
    timeStyle: "long",
    timeZone: place.timeZone,
  }).format(value);
}
