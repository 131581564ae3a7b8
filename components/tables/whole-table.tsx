"use client";

import { useLayoutEffect, useMemo, useRef, useState } from "react";
import { useConnection, useLocale } from "@/components/live/hooks";
import { PanelButton } from "@/components/ui/panel-button";
import { useLazy } from "@/components/ui/use-lazy";
import { useMediaQuery } from "@/components/ui/use-media-query";
import { toCsv } from "@/lib/shared/csv";
import { placeColumns } from "./column-layout";
import type { TableProps } from "./data-table";
import { downloadCsv } from "./download";
import { FilterNews } from "./filter-news";
import { giveFocus } from "./focus-place";
import { pressedRow, TableBox } from "./table-box";
import { csvFileName, csvRows } from "./table-csv";
import { countText, TableFrame } from "./table-frame";
import { TableGrid } from "./table-grid";
import { columnsLabel, TableTools, TOOL } from "./table-tools";
import { useAnchor } from "./use-anchor";
import { useColumns } from "./use-columns";
import { useRowFocus } from "./use-row-focus";
import { useRowHeight, useRowWindow } from "./use-row-window";

const PHONE = "(max-width: 639.9px)";
const loadPanel = () => import("./column-panel");
const loadDetails = () => import("./row-details");

/** All rows of a table, of which those in sight are in the document, with its tools and the details of a row. */
export default function WholeTable(props: TableProps) {
  const { source, shape, ordered, show, lengths, isVital, cells, action, now, handOver } = props;
  const { selected, setSelected, opened, setOpened } = props;
  const { entries, view } = ordered;
  const { status } = useConnection();
  const { locale } = useLocale();
  const card = useRef<HTMLElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const rowHeight = useRowHeight();
  const standard = useMediaQuery(PHONE) ? shape.onPhone : shape.shown;
  const table = useColumns(shape, ordered, standard, show);
  const shown = table.getVisibleLeafColumns().map(({ id }) => id);
  const shownWords = shown.join(" ");
  const columns = useMemo(
    () => placeColumns(shape, { columns: shownWords.split(" "), pinned: view.pinned }, lengths),
    [shape, shownWords, view.pinned, lengths],
  );

  const [isPointedAt, setPointedAt] = useState(false);
  const open = (key: string) => {
    setSelected(key);
    setOpened(key);
  };
  const focus = useRowFocus({ box, entries, rowHeight, select: setSelected, open });
  const selectedAt = useMemo(
    () => (selected === undefined ? -1 : entries.findIndex(([key]) => key === selected)),
    [entries, selected],
  );
  const indexes = useRowWindow(box, entries.length, rowHeight, selectedAt);
  useAnchor(box, ordered, rowHeight, isPointedAt || focus.hasFocus || opened !== undefined);

  useLayoutEffect(() => {
    const { scroll, focus } = handOver.current ?? {};
    if (scroll) box.current?.scrollTo(scroll);
    if (focus && card.current) giveFocus(card.current, focus);
  }, [handOver]);

  const isTouched = isPointedAt || focus.hasFocus || opened !== undefined;
  const Details = useLazy(loadDetails, isTouched);
  const named = columns.map(({ name, column }) => ({ name, ...column }));
  return (
    <TableFrame
      {...props}
      ref={card}
      tools={
        <>
          <FilterNews
            filter={[view.filter, ...Object.entries(view.filters)].join()}
            text={countText(ordered, locale)}
          />
          <TableTools
            columns={
              <PanelButton
                load={loadPanel}
                mayLoad={status === "live"}
                panel={{ shape, table, show }}
                label={`Columns of ${source.title}`}
                className={TOOL}
              >
                {columnsLabel}
              </PanelButton>
            }
            onExport={() =>
              downloadCsv(csvFileName(source.channel, Date.now()), toCsv(csvRows(named, entries)))
            }
          />
        </>
      }
    >
      <TableBox
        ref={box}
        {...focus.handlers}
        onClick={(event) => {
          const key = pressedRow(event);
          if (key !== undefined) open(key);
        }}
        onPointerOver={({ pointerType, target }) =>
          setPointedAt(pointerType === "mouse" && target instanceof Element && !!target.closest("tbody"))
        }
        onPointerLeave={() => setPointedAt(false)}
        onScroll={({ currentTarget }) =>
          currentTarget.toggleAttribute("data-scrolled", currentTarget.scrollLeft > 0)
        }
      >
        <TableGrid
          title={source.title}
          columns={columns}
          view={view}
          isDense={isVital}
          isTinted={!isVital}
          cells={cells}
          action={action}
          now={now}
          entries={entries}
          indexes={indexes}
          selected={selected}
          onSort={(column, isAlso) => table.getColumn(column)?.toggleSorting(undefined, isAlso)}
        />
      </TableBox>
      {Details && (
        <Details
          source={source}
          shape={shape}
          isOpen={opened !== undefined}
          row={opened === undefined ? undefined : ordered.rows[opened]}
          close={() => setOpened(undefined)}
          returnTo={() => (selected === undefined ? null : (focus.find(selected) ?? box.current))}
        />
      )}
    </TableFrame>
  );
}
