"use client";

import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { useLocale } from "@/components/live/hooks";
import { useLiveClient } from "@/components/live/live-context";
import type { ChartPicture } from "@/lib/client/chart-data";
import type { LiveClient } from "@/lib/client/live-client";
import type { TimeRange } from "@/lib/shared/time-range";
import { FlagDetails } from "./flag-details";
import { APART_PX, type Flag, layoutFlags } from "./flag-layout";
import { FLAG_CLASS, FlagHead, FlagPoles, flagKey, flagName, flagStyle, KIND_COLOURS } from "./flag-marks";
import { annotationLine } from "./flag-words";
import { NoteDialog } from "./note-dialog";
import { useAnnotations } from "./use-annotations";

export interface ChartFlagsProps {
  /** Of the chart. */
  title: string;
  range: TimeRange;
  picture: ChartPicture;
  /** What the server drew, shown until there is an answer. */
  still: ReactNode;
  /** Set: a note about this time (ms) is to be added. */
  noteAt: number | undefined;
  endNote: () => void;
}

/** The annotations of a chart: flags above its plot, with a hairline through it, and tinted stretches. */
export default function ChartFlags({ noteAt, endNote, ...flags }: ChartFlagsProps) {
  const client = useLiveClient();
  const { fixed, window } = flags.range;
  return (
    <>
      {client && <Flags key={fixed ? `${fixed.from}-${fixed.to}` : window.name} client={client} {...flags} />}
      {noteAt !== undefined && <NoteDialog at={noteAt} onClose={endNote} />}
    </>
  );
}

type FlagsProps = Omit<ChartFlagsProps, "noteAt" | "endNote"> & { client: LiveClient };

function Flags({ client, title, range, picture, still }: FlagsProps) {
  const place = useLocale();
  const { span, now } = picture;
  const { annotations, isReady } = useAnnotations(client, range, now);
  const box = useRef<HTMLDivElement>(null);
  const { width, apart } = useRoom(box);
  const layout = useMemo(
    () => layoutFlags(annotations, span, width, apart),
    [annotations, span, width, apart],
  );
  /** The flag that is pointed at or focused, the one that is open, and the one that Tab comes to. */
  const [hinted, setHinted] = useState<string>();
  const [opened, setOpened] = useState<string>();
  const [current, setCurrent] = useState<string>();
  const buttons = useRef(new Map<string, HTMLButtonElement>());
  const { flags } = layout;
  const flagOf = (key: string | undefined) => flags.find((flag) => flagKey(flag) === key);
  const stop = flagKey(flagOf(current) ?? flags.at(-1) ?? { annotations: [], kind: "note", place: 0 });

  const onKeyDown = (event: KeyboardEvent) => {
    const at = flags.findIndex((flag) => flagKey(flag) === stop);
    const targets: Record<string, Flag | undefined> = {
      ArrowLeft: flags[at - 1],
      ArrowRight: flags[at + 1],
      Home: flags[0],
      End: flags.at(-1),
    };
    if (!(event.key in targets)) return;
    event.preventDefault();
    const target = targets[event.key];
    if (target) buttons.current.get(flagKey(target))?.focus();
  };
  const hint = flagOf(hinted);
  const open = flagOf(opened);
  return (
    <div ref={box} className="pointer-events-none absolute inset-0">
      {!isReady && still ? (
        still
      ) : (
        <>
          <FlagPoles layout={layout} />
          {flags.length > 0 && (
            <div
              role="toolbar"
              aria-label={`${title}: annotations`}
              data-testid="flags"
              onKeyDown={onKeyDown}
            >
              {flags.map((flag) => {
                const key = flagKey(flag);
                return (
                  <button
                    key={key}
                    ref={(button) => {
                      if (button) buttons.current.set(key, button);
                      else buttons.current.delete(key);
                    }}
                    type="button"
                    data-flag={key}
                    tabIndex={key === stop ? 0 : -1}
                    aria-label={flagName(flag)}
                    aria-haspopup="dialog"
                    aria-expanded={key === opened}
                    onPointerEnter={() => setHinted(key)}
                    onPointerLeave={() => setHinted(undefined)}
                    onFocus={() => {
                      setCurrent(key);
                      setHinted(key);
                    }}
                    onBlur={() => setHinted(undefined)}
                    onClick={() => setOpened(key === opened ? undefined : key)}
                    className={`${FLAG_CLASS} pointer-events-auto rounded-sm pointer-coarse:after:absolute pointer-coarse:after:-inset-3.5 ${KIND_COLOURS[flag.kind]} ${flag.title?.side === "left" ? "flex-row-reverse" : ""}`}
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
              className="absolute right-0 bottom-[calc(100%+1.625rem)] -left-13 h-5 truncate bg-surface text-xs leading-5"
            >
              {hint.annotations
                .toReversed()
                .map((annotation) => annotationLine(annotation, place, now))
                .join(" · ")}
            </p>
          )}
          {open && (
            <FlagDetails
              annotations={open.annotations}
              now={now}
              anchor={buttons.current.get(flagKey(open))}
              onClose={() => setOpened(undefined)}
            />
          )}
        </>
      )}
    </div>
  );
}

/** How wide the plot is, and how far apart flags have to be, px. */
function useRoom(box: { current: HTMLElement | null }): { width: number; apart: number } {
  const [room, setRoom] = useState({ width: 0, apart: APART_PX.fine });
  useEffect(() => {
    const measure = () => {
      const apart = matchMedia("(pointer: coarse)").matches ? APART_PX.coarse : APART_PX.fine;
      setRoom({ width: box.current?.clientWidth ?? 0, apart });
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, [box]);
  return room;
}
