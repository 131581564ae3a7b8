"use client";

import { memo, type ReactNode } from "react";
import type { Row } from "@/lib/shared/define-channel";
import type { PlacedColumn } from "./column-layout";
import { CellView } from "./table-cell";

/** What can be done to a row, at its end. Only one row's controls are in the tab order. */
export type RowAction = (key: string, row: Row, tabIndex: 0 | -1) => ReactNode;

/** What stands in a column's cells instead of their text. */
export type CellContents = Readonly<Record<string, (row: Row) => ReactNode>>;

interface TableRowProps {
  rowKey: string;
  row: Row;
  /** Its place among all rows that match, from 0. */
  index: number;
  columns: readonly PlacedColumn[];
  /** One row is in the tab order; the keys move from there. */
  isReachable: boolean;
  isSelected: boolean;
  isTinted: boolean;
  cells: CellContents | undefined;
  action: RowAction | undefined;
  now: number | undefined;
}

/** A row. Presses and keys are the table's to handle: it finds the row by its key. */
export const TableRow = memo(function TableRow(props: TableRowProps) {
  const { rowKey, row, index, columns, isReachable, isSelected, isTinted, cells, action, now } = props;
  const tabIndex = isReachable ? 0 : -1;
  return (
    <tr
      data-key={rowKey}
      tabIndex={tabIndex}
      // The head is the first row.
      aria-rowindex={index + 2}
      aria-current={isSelected || undefined}
      className="h-(--row) cursor-pointer bg-surface -outline-offset-2 hover:bg-sunken aria-current:bg-accent-soft"
    >
      {columns.map((placed) => (
        <CellView
          key={placed.name}
          value={row[placed.name]}
          placed={placed}
          isTinted={isTinted}
          now={placed.column.type === "time" ? now : undefined}
        >
          {cells?.[placed.name]?.(row)}
        </CellView>
      ))}
      {action && (
        <td className="sticky right-0 z-1 border-line border-b border-l bg-inherit px-(--cell) py-0 text-right last:pr-(--edge)">
          {action(rowKey, row, tabIndex)}
        </td>
      )}
    </tr>
  );
});
