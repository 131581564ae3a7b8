"use client";

import { type ReactNode, type RefObject, useEffect, useMemo, useRef, useState } from "react";
import { useConnection, useFreshness, useLocale } from "@/components/live/hooks";
import { useLazy } from "@/components/ui/use-lazy";
import type { Row } from "@/lib/shared/define-channel";
import type { Place } from "@/lib/shared/format";
import { type ColumnLengths, columnLengths } from "./column-layout";
import { FirstScreen } from "./first-screen";
import type { Focus } from "./focus-place";
import type { FrameProps, Source } from "./table-frame";
import { type Ordered, orderRows } from "./table-order";
import type { CellContents, RowAction } from "./table-row";
import type { TableShape } from "./table-shape";
import { useView } from "./use-view";

const HOUR_MS = 60 * 60_000;
const LATER_MS = 100;

export interface DataTableProps {
  source: Source;
  shape: TableShape;
  rows: Readonly<Record<string, Row>>;
  empty: ReactNode;
  isVital?: boolean;
  count?: number;
  cells?: CellContents;
  action?: RowAction;
  outcome?: string;
  note?: ReactNode;
}

/** What the first screen hands over to the whole table. */
export interface HandOver {
  scroll: { top: number; left: number };
  focus: Focus | undefined;
}

/** What the first screen and the whole table are given alike. */
export interface TableProps extends FrameProps {
  shape: TableShape;
  ordered: Ordered;
  lengths: ColumnLengths;
  cells: CellContents | undefined;
  action: RowAction | undefined;
  now: number | undefined;
  /** The key of the row that was pressed or moved to last. */
  selected: string | undefined;
  setSelected: (key: string | undefined) => void;
  /** The key of the row whose details are open. */
  opened: string | undefined;
  setOpened: (key: string | undefined) => void;
  handOver: RefObject<HandOver | undefined>;
}

const loadWhole = () => import("./whole-table");

/** True a while after something came true, ms: what is needed for that goes first. */
function useLater(isSo: boolean): boolean {
  const [isLater, setLater] = useState(false);
  useEffect(() => {
    if (!isSo) return;
    const timer = setTimeout(() => setLater(true), LATER_MS);
    return () => clearTimeout(timer);
  }, [isSo]);
  return isLater;
}

/**
 * Rows as a table. The server renders its first screen; once the page is live, the code comes that has the others,
 * and takes the first screen's place without anything moving. What the viewer asked to see lives in the URL.
 */
export function DataTable(props: DataTableProps) {
  const { source, shape, rows, empty, isVital = false, count, cells, action, outcome, note } = props;
  const place = useLocale();
  const [view, show] = useView(shape);
  const last = useRef<Ordered | undefined>(undefined);
  const ordered = orderRows(rows, view, shape, place, last.current);
  last.current = ordered;
  const { asOf } = useFreshness(source.channel, source.maxAge);
  const now = asOf === null ? undefined : Math.floor(asOf / HOUR_MS) * HOUR_MS;
  const lastLengths = useRef<{ shape: TableShape; place: Place; lengths: ColumnLengths } | undefined>(
    undefined,
  );
  const lengths = useMemo(() => {
    const last = lastLengths.current;
    // In the viewer's time zone, once that is known, a time is shorter.
    const before = last?.shape === shape && last.place === place ? last.lengths : undefined;
    const lengths = columnLengths(shape, rows, place, now, before);
    lastLengths.current = { shape, place, lengths };
    return lengths;
  }, [shape, rows, place, now]);
  const [selected, setSelected] = useState<string>();
  const [opened, setOpened] = useState<string>();
  const handOver = useRef<HandOver | undefined>(undefined);
  const { status } = useConnection();
  const isDue = useLater(status === "live");
  const Whole = useLazy(loadWhole, isDue);
  const Table = Whole ?? FirstScreen;
  return (
    <Table
      {...{ source, shape, ordered, show, lengths, isVital, count, cells, action, empty, note, handOver }}
      {...{ selected, setSelected, opened, setOpened }}
      outcome={action && (outcome ?? "")}
      now={now}
    />
  );
}
