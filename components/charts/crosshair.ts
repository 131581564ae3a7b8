"use client";

import { useSyncExternalStore } from "react";

/**
 * One crosshair for all charts of the page: a place in the shared time window, from 0 to 1. It stays where the
 * pointer is while time slides under it.
 */
let place: number | null = null;
const listeners = new Set<() => void>();

export function setCrosshair(next: number | null): void {
  if (next === place) return;
  place = next === null ? null : Math.min(1, Math.max(0, next));
  for (const listener of listeners) listener();
}

export function useCrosshair(): number | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => place,
    () => null,
  );
}
