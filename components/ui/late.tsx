"use client";

import { type ComponentType, lazy, type ReactNode, Suspense } from "react";
import { whenLive } from "@/components/live/when-live";
import { reloadIfOutdated } from "./newer-build";

/** When the code could not be had, it is asked for again after this, ms. */
const RETRY_MS = 30_000;

/**
 * A component that is in the server's HTML, while its code is no part of the page's first load: the HTML stands there
 * until the page is live and the code has come. `space` holds its place where there is no such HTML.
 */
export function late<P extends object>(
  load: () => Promise<ComponentType<P>>,
  space: ReactNode,
): ComponentType<P> {
  const Late = lazy(async () => {
    if (typeof window !== "undefined") await whenLive();
    return { default: await loadSurely(load) };
  });
  return (props) => (
    <Suspense fallback={space}>
      <Late {...props} />
    </Suspense>
  );
}

/** A rejection would take the HTML away: it is tried again until it succeeds. */
async function loadSurely<T>(load: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await load();
    } catch {
      void reloadIfOutdated();
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS * (0.5 + Math.random())));
    }
  }
}
