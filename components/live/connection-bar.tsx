"use client";

import { Check, Info } from "lucide-react";
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { ConnectionView } from "@/lib/client/connection-view";
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

/**
 * A slim bar under the header while what is shown may be behind. It leaves by itself and takes no room. What it counts
 * down is seen only; that the connection went, and that all is there again, is announced, once each.
 */
export function ConnectionBar() {
  const view = useConnection();
  const phase = usePhase(isBehind(view), view.status === "live");
  const gap = useLedger().at(-1);
  const { locale } = useLocale();
  const said = useRef("");
  const farewell =
    phase === "caught-up" &&
    caughtUpText(gap, (count) => formatValue(count, { unit: "count" }, locale).exact);
  if (farewell) said.current = `Live. ${farewell}`;
  else if (phase === "hidden") said.current = "";
  // Each try to come back is no news.
  else if (isBehind(view)) said.current = statusLook(view).word;
  return (
    <>
      <span role="status" className="sr-only">
        {said.current}
      </span>
      {farewell ? (
        <Bar colour="bg-accent-soft">
          <Check aria-hidden className="size-4 shrink-0 text-good" />
          <span>{farewell}</span>
        </Bar>
      ) : (
        phase === "behind" && <Behind view={view} />
      )}
    </>
  );
}

function Behind({ view }: { view: ConnectionView }) {
  const place = useLocale();
  const now = useNow(countsDown(view));
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
