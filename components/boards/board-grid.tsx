"use client";

import { type CSSProperties, type ReactNode, useRef } from "react";
import { type Widget, widgetId } from "@/lib/shared/boards/board";
import { flowSpans, type Placed, settle } from "@/lib/shared/boards/layout";
import { type Arrange, ArrangeHandles } from "./arrange-handles";
import { useDrag } from "./use-drag";

/** What the server made of a widget. */
export interface RenderedWidget {
  id: string;
  title: string;
  node: ReactNode;
}

interface BoardGridProps {
  widgets: readonly Widget[];
  rendered: ReadonlyMap<string, RenderedWidget>;
  /** Set while the board is being arranged. */
  arrange?: Arrange;
  /** Stands in the place of what the server has not rendered yet. */
  pending: string;
}

/**
 * A board's widgets: on a wide screen where they were put, on twelve columns; elsewhere in their order, line by line.
 * Works without a script.
 */
export function BoardGrid({ widgets, rendered, arrange, pending }: BoardGridProps) {
  const grid = useRef<HTMLUListElement>(null);
  const { drag, begin, handlers } = useDrag(grid, widgets, (done) => arrange?.drop(done));
  const narrow = flowSpans(widgets, 2);
  const medium = flowSpans(widgets, 4);
  // While something is dragged the elements keep their order: one that is moved in the document lets the pointer go.
  const places = new Map(settle(drag?.next ?? widgets).map((placed) => [widgetId(placed), placed]));
  const target = drag && places.get(drag.id);
  return (
    <ul
      ref={grid}
      aria-label="Widgets"
      className={`grid grid-cols-2 gap-2 sm:gap-4 md:grid-cols-4 xl:auto-rows-[2.75rem] xl:grid-cols-12 ${arrange ? "select-none" : ""}`}
    >
      {widgets.map((widget, i) => {
        const id = widgetId(widget);
        const { title = widget.channel, node } = rendered.get(id) ?? {};
        const isDragged = drag?.id === id;
        return (
          <li
            key={id}
            data-widget={id}
            data-fill
            aria-label={title}
            className={`${CELL} ${isDragged ? "z-20 opacity-80" : ""}`}
            style={{
              ...spanStyle(narrow[i]!, medium[i]!),
              ...placeStyle(places.get(id)),
              ...(isDragged && { translate: `${drag.offset.x}px ${drag.offset.y}px` }),
            }}
          >
            <div className="contents" inert={arrange !== undefined}>
              {node ?? <Pending text={pending} />}
            </div>
            {arrange && <ArrangeHandles {...{ id, title, arrange, begin, handlers }} />}
          </li>
        );
      })}
      {target && (
        <li
          aria-hidden
          className={`${CELL} rounded-card bg-accent-soft outline-2 outline-accent outline-dashed -outline-offset-2 max-xl:hidden`}
          style={placeStyle(target)}
        />
      )}
    </ul>
  );
}

/** What is longer than its place scrolls in itself. */
const CELL =
  "relative col-span-(--narrow) grid min-w-0 grid-cols-[minmax(0,1fr)] grid-rows-[minmax(0,1fr)] md:col-span-(--medium) xl:col-[var(--x)/span_var(--w)] xl:row-[var(--y)/span_var(--h)] xl:[&_section]:overflow-y-auto xl:[&_section>div]:max-h-none xl:[&_section>ul]:overflow-y-auto";

function spanStyle(narrow: number, medium: number): CSSProperties {
  return { "--narrow": narrow, "--medium": medium } as CSSProperties;
}

function placeStyle(placed: Placed | undefined): CSSProperties {
  if (!placed) return {};
  const { x, y, w, h } = placed;
  return { "--x": x + 1, "--y": y + 1, "--w": w, "--h": h } as CSSProperties;
}

function Pending({ text }: { text: string }) {
  return (
    <p className="hatch flex min-h-40 items-center justify-center rounded-card border border-line bg-surface p-4 text-center text-soft">
      {text}
    </p>
  );
}
