"use client";

import { useEffect, useState, useSyncExternalStore } from "react";
import { AnnotationData, type AnnotationView } from "@/lib/client/annotations";
import type { LiveClient } from "@/lib/client/live-client";
import type { TimeRange } from "@/lib/shared/time-range";

/** Ranges whose annotations are remembered, for the way back to them. */
const MAX_RANGES = 4;

/** One for all charts of a range, newest last. */
const shared = new Map<string, AnnotationData>();

function dataOf(client: LiveClient, range: TimeRange, now: number): AnnotationData {
  const { fixed, window } = range;
  const key = fixed ? `${fixed.from}-${fixed.to}` : window.name;
  const data = shared.get(key) ?? new AnnotationData(client, range, now);
  shared.delete(key);
  shared.set(key, data);
  for (const old of shared.keys()) if (shared.size > MAX_RANGES) shared.delete(old);
  return data;
}

/** What the charts of a range have to say of what happened. `range` and `client` are those of this component's life. */
export function useAnnotations(client: LiveClient, range: TimeRange, now: number): AnnotationView {
  const [data] = useState(() => dataOf(client, range, now));
  useEffect(() => data.use(), [data]);
  return useSyncExternalStore(data.subscribe, data.view, data.view);
}
