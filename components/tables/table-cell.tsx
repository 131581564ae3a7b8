"use client";

import { type CSSProperties, memo, type ReactNode } from "react";
import { useLocale } from "@/components/live/hooks";
import { useChangeEffect } from "@/components/ui/use-change-effect";
import type { Cell } from "@/lib/shared/define-channel";
import { cellText, cellTitle } from "./cell-text";
import type { PlacedColumn } from "./column-layout";

/** From the tint to whatever colour the cell has then. */
const TINT: Keyframe[] = [{ backgroundColor: "var(--tint)", offset: 0 }];
const NO_TINT: Keyframe[] = [];
const TINT_MS = 1000;

/** The classes and the place of a cell or a head in its column. */
export function inColumn({ left, isEdge, isOnPhone }: PlacedColumn): {
  className: string;
  style: CSSProperties;
} {
  const staying =
    left === undefined ? "" : `sticky z-1 bg-inherit ${isEdge ? "in-data-scrolled:border-r" : ""}`;
  return { className: `${staying} ${isOnPhone ? "" : "max-sm:hidden"}`, style: { left } };
}

interface CellViewProps {
  value: Cell | undefined;
  placed: PlacedColumn;
  isTinted: boolean;
  /** Of a time, which gets its date when it is long ago. */
  now: number | undefined;
  /** Instead of the value's text. */
  children?: ReactNode;
}

export const CellView = memo(function CellView({ value, placed, isTinted, now, children }: CellViewProps) {
  const place = useLocale();
  const cell = useChangeEffect<HTMLTableCellElement>(value, isTinted ? TINT : NO_TINT, TINT_MS);
  const { name, column } = placed;
  const { className, style } = inColumn(placed);
  return (
    <td
      ref={cell}
      data-column={name}
      title={cellTitle(value, column, place)}
      className={`truncate border-line border-b px-(--cell) py-0 first:pl-(--edge) last:pr-(--edge) ${column.type === "number" ? "text-right tabular-nums" : ""} ${className}`}
      style={style}
      suppressHydrationWarning
    >
      {children ?? cellText(value, column, place, now)}
    </td>
  );
});
