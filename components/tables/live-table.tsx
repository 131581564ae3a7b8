"use client";

import { type ReactNode, useMemo } from "react";
import { useSteadyState } from "@/components/live/steady-state";
import type { Row, TableRef } from "@/lib/shared/define-channel";
import { DataTable } from "./data-table";
import type { CellContents, RowAction } from "./table-row";
import { shapeOfTable, type TableLook } from "./table-shape";

const NO_ROWS: Record<string, Row> = {};

interface LiveTableProps<C extends string> {
  table: TableRef<C>;
  /** What stands there while there are no rows. */
  empty: ReactNode;
  /** The columns to show without a choice, in this order; all by default. Constant. */
  columns?: readonly NoInfer<C>[];
  /** Those of them that are shown on a phone, where four fit; all by default. Constant. */
  phoneColumns?: readonly NoInfer<C>[];
  /** Many figures that move all the time: they stand closer together, and a tint would say nothing. */
  vitals?: boolean;
  /** What a row is called by, the first order, and the room that cells need. Constant. */
  look?: TableLook;
  /** What stands in the cells of some columns instead of their text. Constant. */
  cells?: CellContents;
  action?: RowAction;
  /** What became of the last action; read out as it changes. */
  outcome?: string;
  /** Stands below the rows. */
  note?: ReactNode;
}

/** A table channel's rows. */
export function LiveTable<C extends string>({
  table,
  columns,
  phoneColumns,
  vitals,
  look,
  ...rest
}: LiveTableProps<C>) {
  const state = useSteadyState(table.channel);
  const shape = useMemo(
    () => shapeOfTable(table, columns, phoneColumns, look),
    [table, columns, phoneColumns, look],
  );
  return (
    <DataTable
      {...rest}
      source={table}
      shape={shape}
      rows={state?.kind === "table" ? state.rows : NO_ROWS}
      isVital={vitals}
    />
  );
}
