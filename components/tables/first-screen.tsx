"use client";

import { useLayoutEffect, useRef } from "react";
import { placeColumns } from "./column-layout";
import type { TableProps } from "./data-table";
import { focusIn } from "./focus-place";
import { TableBox } from "./table-box";
import { TableFrame } from "./table-frame";
import { TableGrid } from "./table-grid";
import { TableTools } from "./table-tools";

/** So many rows fill the box on any screen. */
const ROWS = 24;

/** The table as the server renders it, without what only a script can do. */
export function FirstScreen(props: TableProps) {
  const { source, shape, ordered, show, lengths, isVital, cells, action, now, selected, handOver } = props;
  const { entries, view } = ordered;
  const card = useRef<HTMLElement>(null);
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(
    () => () => {
      const { scrollTop = 0, scrollLeft = 0 } = box.current ?? {};
      // Before it leaves the document, focus and all.
      handOver.current = {
        scroll: { top: scrollTop, left: scrollLeft },
        focus: card.current ? focusIn(card.current) : undefined,
      };
    },
    [handOver],
  );
  const sort = (column: string) => {
    const [sorted] = view.sorts;
    const isSame = sorted?.column === column;
    const descending = isSame ? !sorted.descending : shape.columns[column]!.type === "number";
    show({ sorts: [{ column, descending }] });
  };
  return (
    <TableFrame {...props} ref={card} tools={<TableTools />}>
      <TableBox ref={box}>
        <TableGrid
          title={source.title}
          columns={placeColumns(shape, view, lengths)}
          view={view}
          isDense={isVital}
          isTinted={!isVital}
          cells={cells}
          action={action}
          now={now}
          entries={entries}
          indexes={Array.from({ length: Math.min(ROWS, entries.length) }, (_, i) => i)}
          selected={selected}
          onSort={sort}
        />
      </TableBox>
      {entries.length > ROWS && (
        <noscript>
          <p className="border-line border-t px-4 py-2 text-soft text-xs">
            The first {ROWS} of {entries.length} rows. The others need JavaScript.
          </p>
        </noscript>
      )}
    </TableFrame>
  );
}
