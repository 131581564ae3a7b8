"use client";

import { Fragment, type ReactNode } from "react";
import type { PlacedColumn } from "./column-layout";
import { TableHead } from "./table-head";
import { type CellContents, type RowAction, TableRow } from "./table-row";
import type { Entry } from "./table-shape";
import type { TableView } from "./table-view";

/** What every row and head has in common. */
export interface GridLook {
  title: string;
  columns: readonly PlacedColumn[];
  view: TableView;
  isDense: boolean;
  isTinted: boolean;
  cells: CellContents | undefined;
  action: RowAction | undefined;
  /** To the hour, which is enough to tell which time needs its date. */
  now: number | undefined;
}

interface TableGridProps extends GridLook {
  /** All rows that match, in order. */
  entries: readonly Entry[];
  /** Which of them are in the document, in order. */
  indexes: readonly number[];
  selected: string | undefined;
  onSort: (column: string, isAlso: boolean) => void;
  children?: ReactNode;
}

/** Head and rows; the rows that are not in the document leave their room. */
export function TableGrid(props: TableGridProps) {
  const { title, columns, view, isDense, isTinted, cells, action, now, entries, indexes, selected, onSort } =
    props;
  const reachable = indexes.some((index) => entries[index]![0] === selected)
    ? selected
    : entries[indexes[0] ?? 0]?.[0];
  const gap = (from: number, to: number) =>
    to > from && (
      <tr aria-hidden className="needs-script">
        <td className="p-0" style={{ height: `calc(${to - from} * var(--row))` }} />
      </tr>
    );
  return (
    <table
      aria-rowcount={entries.length + 1}
      className="w-full table-fixed border-separate border-spacing-0 [--row:2.5rem] pointer-coarse:[--row:3rem]"
    >
      <caption className="sr-only">{title}. The arrow keys move by row, Enter opens its details.</caption>
      <TableHead columns={columns} view={view} onSort={onSort} isDense={isDense} hasActions={!!action} />
      <tbody className="[&>tr:last-child>td]:border-b-0">
        {indexes.map((index, i) => {
          const [key, row] = entries[index]!;
          return (
            <Fragment key={key}>
              {gap((indexes[i - 1] ?? -1) + 1, index)}
              <TableRow
                rowKey={key}
                row={row}
                index={index}
                columns={columns}
                isReachable={key === reachable}
                isSelected={key === selected}
                isTinted={isTinted}
                cells={cells}
                action={action}
                now={now}
              />
            </Fragment>
          );
        })}
        {gap((indexes.at(-1) ?? -1) + 1, entries.length)}
      </tbody>
    </table>
  );
}
