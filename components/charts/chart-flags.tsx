"use client";

import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { useConnection, useLocale } from "@/components/live/hooks";
import { useLazy } from "@/components/ui/use-lazy";
import type { ChartPicture } from "@/lib/client/chart-data";
import type { PageAnnotations } from "@/lib/shared/annotations";
import type { TimeRange } from "@/lib/shared/time-range";
import { APART_PX, type Flag, layoutFlags } from "./flag-layout";
import { FLAG_CLASS, FlagHead, FlagPoles, flagKey, flagName, flagStyle, KIND_COLOURS } from "./flag-marks";
import { annotationLine } from "./flag-words";
import { useAnnotations } from "./use-annotations";

export interface ChartFlagsProps {
  /** Of the chart. */
  title: string;
  range: TimeRange;
  picture: ChartPicture;
  /** What the server knew when it rendered this range. */
  initial: PageAnnotations | undefined;
  /** Set: a note about this time (ms) is to be added. */
  noteAt: number | undefined;
  endNote: () => void;
}

const loadDetails = () => import("./flag-details");
const loadDialog = () => import("./note-dialog");
/** What a plot's width is taken for until it is known, px. */
const USUAL_PX = 480;

/** The annotations of a chart: flags above its plot, with a hairline through it, and tinted stretches. */
export function ChartFlags({ noteAt, endNote, ...flags }: ChartFlagsProps) {
  const { fixed, window } = flags.range;
  const isLive = useConnection().status === "live";
  const Dialog = useLazy(loadDialog, isLive || noteAt !== undefined);
  return (
    <>
      <Flags key={fixed ? `${fixed.from}-${fixed.to}` : window.name} {...flags} />
      {Dialog && noteAt !== undefined && <Dialog at={noteAt} onClose={endNote} />}
    </>
  );
}

function Flags({ title, range, picture, initial }: Omit<ChartFlagsProps, "noteAt" | "endNote">) {
  const place = useLocale();
  const { span, now } = picture;
  const annotations = useAnnotations({ range, now, initial });
  const box = useRef<HTMLDivElement>(null);
  const { width, apart } = useRoom(box);
  const layout = useMemo(
    () => layoutFlags(annotations, span, width, apart),
    [annotations, span, width, apart],
  );
  const isLive = useConnection().status === "live";
  /** The flag that is pointed at or focused, the one that is open, and the one that Tab comes to. */
  const [hinted, setHinted] = useState<string>();
  const [opened, setOpened] = useState<string>();
  const [current, setCurrent] = useState<string>();
  const buttons = useRef(new Map<string, HTMLButtonElement>());
  const Details = useLazy(loadDetails, opened !== undefined || (isLive && layout.flags.length > 0));
  const { flags } = layout;
  // By one of its annotations: others may join it.
  const flagOf = (key: string | undefined) =>
    flags.find(({ annotations }) => annotations.some((annotation) => annotation.key === key));
  const stop = flagOf(current) ?? flags.at(-1);

  const onKeyDown = (event: KeyboardEvent) => {
    const at = stop ? flags.indexOf(stop) : -1;
    const targets: Record<string, Flag | undefined> = {
      ArrowLeft: flags[at - 1],
      ArrowRight: flags[at + 1],
      Home: flags[0],
      End: flags.at(-1),
    };
    if (!(event.key in targets)) return;
    event.preventDefault();
    const target = targets[event.key];
    if (target) buttons.current.get(idOf(target))?.focus();
  };
  const hint = flagOf(hinted);
  const open = flagOf(opened);
  return (
    <div ref={box} className="pointer-events-none absolute inset-0">
      <FlagPoles layout={layout} />
      {flags.length > 0 && (
        <div role="toolbar" aria-label={`${title}: annotations`} data-testid="flags" onKeyDown={onKeyDown}>
          {flags.map((flag) => {
            const id = idOf(flag);
            return (
              <button
                key={id}
                ref={(button) => {
                  if (button) buttons.current.set(id, button);
                  else buttons.current.delete(id);
                }}
                type="button"
                data-flag={flagKey(flag)}
                tabIndex={flag === stop ? 0 : -1}
                aria-label={flagName(flag)}
                aria-haspopup="dialog"
                aria-expanded={flag === open}
                onPointerEnter={() => setHinted(id)}
                onPointerLeave={() => setHinted(undefined)}
                onFocus={() => {
                  setCurrent(id);
                  setHinted(id);
                }}
                onBlur={() => setHinted(undefined)}
                onClick={() => setOpened(flag === open ? undefined : id)}
                className={`${FLAG_CLASS} pointer-events-auto rounded-sm pointer-coarse:after:absolute pointer-coarse:after:-inset-2.5 ${KIND_COLOURS[flag.kind]} ${flag.title?.side === "left" ? "flex-row-reverse" : ""}`}
                style={flagStyle(flag)}
              >
                <FlagHead flag={flag} />
              </button>
            );
          })}
        </div>
      )}
      {hint && !open && (
        // In the place of the values, so that nothing covers the lines.
        <p
          data-testid="flag-hint"
          className="absolute right-0 bottom-[calc(100%+1.625rem)] -left-13 h-5 truncate bg-surface text-xs leading-5 tabular-nums @min-[460px]:-right-32"
        >
          {hint.annotations
            .toReversed()
            .map((annotation) => annotationLine(annotation, place, now))
            .join(" · ")}
        </p>
      )}
      {Details && open && (
        <Details
          annotations={open.annotations}
          now={now}
          anchor={buttons.current.get(idOf(open))}
          onClose={() => setOpened(undefined)}
        />
      )}
    </div>
  );
}

/** A flag is known by its oldest annotation, which only time takes away. */
function idOf({ annotations }: Flag): string {
  return annotations[0]!.key;
}

/** How wide the plot is, and how far apart flags have to be, px at the usual size of type. */
function useRoom(box: { current: HTMLElement | null }): { width: number; apart: number } {
  const [room, setRoom] = useState({ width: USUAL_PX, apart: APART_PX.fine });
  useEffect(() => {
    const measure = () => {
      const apart = matchMedia("(pointer: coarse)").matches ? APART_PX.coarse : APART_PX.fine;
      const scale = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
      setRoom({ width: box.current ? box.current.clientWidth / scale : USUAL_PX, apart });
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, [box]);
  return room;
}
