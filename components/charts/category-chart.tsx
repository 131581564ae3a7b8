"use client";

import { type ReactNode, useImperativeHandle, useMemo, useRef } from "react";
import { useFreshness, useLocale, useRows } from "@/components/live/hooks";
import { useLiveClient } from "@/components/live/live-context";
import { useSteady } from "@/components/ui/use-steady";
import { pickTitle } from "@/lib/shared/boards/board";
import type { TableRef } from "@/lib/shared/define-channel";
import { formatInline, formatValue } from "@/lib/shared/format";
import { categoriesOf, categoryReach } from "./category-model";
import { ChartFrame } from "./chart-frame";
import type { ModelRef } from "./chart-menu-button";
import { NothingYet } from "./nothing-yet";

/** More bars are a table. */
const MOST = 8;

export interface CategoryChartProps<C extends string> {
  title: string;
  table: TableRef<C>;
  /** The column that the bars are of. */
  column: NoInfer<C>;
  /** For tests and links; unique on the page. */
  name: string;
  empty?: ReactNode;
}

/** A column of a table's rows as bars, the largest first. Live: the bars are those of now, whatever the time range. */
export function CategoryChart<C extends string>({ empty, ...props }: CategoryChartProps<C>) {
  const model: ModelRef = useRef(null);
  const { title, name, table } = props;
  return (
    <ChartFrame {...{ title, name, model }} of={table} empty={empty ?? <NothingYet />}>
      <Rows {...props} model={model} />
    </ChartFrame>
  );
}

function Rows({
  title,
  name,
  table,
  column: columnName,
  model,
}: Omit<CategoryChartProps<string>, "empty"> & { model: ModelRef }) {
  const rows = useSteady(useRows(table));
  const place = useLocale();
  const client = useLiveClient();
  const { asOf } = useFreshness(table.channel, table.maxAge);
  const column = table.columns[columnName]!;
  const shown = useMemo(() => categoriesOf(rows, columnName, column.unit, MOST), [rows, columnName, column]);
  const { zero, reach } = categoryReach(shown);
  const format = { ...column, unit: column.unit ?? ("none" as const) };
  useImperativeHandle(model, () => () => ({
    ...{ kind: "categories", title, name, column, shown, place },
    head: table.columns[table.key]!.title,
    all: categoriesOf(rows, columnName, column.unit, Number.POSITIVE_INFINITY),
    now: client?.serverNow() ?? asOf ?? 0,
    pick: { kind: "category", channel: table.channel, of: [columnName], title: pickTitle(title) },
  }));
  return (
    <>
      <p className="min-h-5 text-soft text-xs">{column.title}, now</p>
      <ul className="flex min-h-50 flex-col justify-around gap-1 md:min-h-60 in-data-fill:xl:min-h-0 in-data-fill:xl:flex-1 in-data-fill:xl:overflow-y-auto">
        {shown.map((one, i) => (
          <li
            key={one.key}
            data-key={one.key}
            className="grid grid-cols-[minmax(4rem,8rem)_1fr_5rem] items-center gap-3"
          >
            <span className={`truncate ${one.isRest ? "text-soft" : ""}`} title={one.name}>
              {one.name}
            </span>
            <span
              aria-hidden
              className="relative h-4 border-line"
              style={{ borderLeftWidth: zero === 0 ? 1 : 0 }}
            >
              <span
                className="drawn absolute inset-y-0 rounded-r-[2px]"
                style={{
                  left: `${reach[i]!.from * 100}%`,
                  width: `${(reach[i]!.to - reach[i]!.from) * 100}%`,
                  background: `var(${one.isRest ? "--line-strong" : "--chart-1"})`,
                }}
              />
            </span>
            <span
              className="text-right font-medium tabular-nums"
              title={formatValue(one.value, format, place.locale).exact}
              suppressHydrationWarning
            >
              {formatInline(one.value, format, place.locale)}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
