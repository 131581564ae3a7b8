"use client";

import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { startTransition, useEffect } from "react";
import { useConnection, useLocale, useServerNow } from "@/components/live/hooks";
import { dateFormat } from "@/lib/shared/format";
import { type KioskPlan, nextPage } from "./kiosk-pages";

/** A wall screen: it stays on, shows its pages in turn, and has a clock that would stand still if the page did. */
export default function Kiosk({ pages, everyMs }: KioskPlan) {
  const path = usePathname();
  const query = useSearchParams().toString();
  const router = useRouter();
  const { status } = useConnection();
  const now = useServerNow();
  const { locale, timeZone } = useLocale();
  const next = nextPage(pages, path);
  // Without a connection the next page would not come: this one has at least what was last known.
  const goes = next !== undefined && status === "live";
  useEffect(() => {
    if (!goes) return;
    const timer = setTimeout(() => startTransition(() => router.replace(`${next}?${query}`)), everyMs);
    return () => clearTimeout(timer);
  }, [goes, next, query, everyMs, router]);
  useEffect(stayAwake, []);
  const clock = dateFormat(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone });
  return (
    <p data-testid="clock" className="px-2 font-semibold text-base tabular-nums" suppressHydrationWarning>
      {now === undefined ? "–" : clock.format(now)}
    </p>
  );
}

/** Keeps the screen on while the page is visible, and fills it with the first click or key, as browsers ask for one. */
function stayAwake(): () => void {
  let lock: WakeLockSentinel | undefined;
  // A browser may refuse either; the page is shown all the same.
  const keep = async () => {
    if (document.visibilityState === "visible")
      lock = await navigator.wakeLock?.request("screen").catch(() => undefined);
  };
  const fill = () => void document.documentElement.requestFullscreen?.().catch(() => {});
  void keep();
  document.addEventListener("visibilitychange", keep);
  document.addEventListener("click", fill, { once: true });
  return () => {
    document.removeEventListener("visibilitychange", keep);
    document.removeEventListener("click", fill);
    void lock?.release().catch(() => {});
  };
}
