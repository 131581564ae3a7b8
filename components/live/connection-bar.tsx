"use client";

import { Check, Info } from "lucide-react";
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import { formatValue } from "@/lib/shared/format";
import { barTexts, caughtUpText, countsDown, isBehind, statusLook } from "./connection-words";
import { useConnection, useLedger, useLocale } from "./hooks";
import { tickWhileVisible } from "./visible-ticks";

/** A blip shorter than this is over before it could be read. */
const GRACE_MS = 500;
/** How long "caught up" stays. */
const FAREWELL_MS = 5000;
const TICK_MS = 500;

type Phase = "hidden" | "behind" | "caught-up";

/** A slim bar under the header while what is shown may be behind. It leaves by itself and takes no room. */
export function ConnectionBar() {
  const view = useConnection();
  const gap = useLedger().at(-1);
  const place = useLocale();
  const phase = usePhase(isBehind(view), view.status === "live");
  const now = useNow(phase === "behind" && countsDown(view));
  if (phase === "hidden") return null;
  if (phase === "caught-up") {
    const count = (number: number) => formatValue(number, { unit: "count" }, place.locale).exact;
    return (
      <Bar colour="bg-accent-soft">
        <Check aria-hidden className="size-4 shrink-0 text-good" />
        <span>{caughtUpText(gap, count)}</span>
      </Bar>
    );
  }
  const { icon, colour } = isBehind(view) ? statusLook(view) : { icon: Info, colour: "text-soft" };
  const Icon = icon;
  const { since, next, way } = barTexts(view, now, place);
  return (
    <Bar colour="bg-attention-soft">
      <Icon aria-hidden className={`size-4 shrink-0 ${colour}`} />
      <span className="min-w-0 max-sm:truncate">
        <b className="font-medium">{since}</b>
        {next && <span> · {next}</span>}
        {/* On a phone each widget says it. */}
        <span className="max-sm:sr-only">{way && ` (${way})`} · everything shown is last known</span>
      </span>
    </Bar>
  );
}

function Bar({ colour, children }: { colour: string; children: React.ReactNode }) {
  return (
    <div
      data-testid="connection-bar"
      className={`absolute inset-x-0 top-full flex min-h-7 items-center gap-2 border-line border-b px-4 py-1 text-xs leading-4 tabular-nums md:px-6 ${colour}`}
    >
      {children}
    </div>
  );
}

function usePhase(behind: boolean, live: boolean): Phase {
  const [phase, setPhase] = useState<Phase>("hidden");
  useEffect(() => {
    if (behind && phase !== "behind") {
      const timer = setTimeout(() => setPhase("behind"), GRACE_MS);
      return () => clearTimeout(timer);
    }
    if (live && phase === "behind") setPhase("caught-up");
    if (phase === "caught-up") {
      const timer = setTimeout(() => setPhase("hidden"), FAREWELL_MS);
      return () => clearTimeout(timer);
    }
  }, [behind, live, phase]);
  return phase;
}

/** This browser's clock, to the tick, while a countdown runs; else 0, as on the server. */
function useNow(runs: boolean): number {
  const subscribe = useCallback(
    (listener: () => void) => (runs ? tickWhileVisible(document, TICK_MS, listener) : () => {}),
    [runs],
  );
  return useSyncExternalStore(
    subscribe,
    () => (runs ? Math.floor(Date.now() / TICK_MS) * TICK_MS : 0),
    () => 0,
  );
}
