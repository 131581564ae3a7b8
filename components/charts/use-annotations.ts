"use client";

import { useEffect, useState, useSyncExternalStore } from "react";
import { useLiveClient } from "@/components/live/live-context";
import { AnnotationData } from "@/lib/client/annotations";
import type { LiveClient } from "@/lib/client/live-client";
import type { Annotation, PageAnnotations } from "@/lib/shared/annotations";
import type { TimeRange } from "@/lib/shared/time-range";

/** Ranges whose annotations are remembered, for the way back to them. */
const MAX_RANGES = 4;

/** For each client, one for all charts of a range, newest last. */
const ofClients = new WeakMap<LiveClient, Map<string, AnnotationData>>();

export interface AnnotationsAsked {
  range: TimeRange;
  /** The server's, ms. */
  now: number;
  /** What the server knew when it rendered this range. */
  initial: PageAnnotations | undefined;
}

function dataOf(client: LiveClient, { range, now, initial }: AnnotationsAsked): AnnotationData {
  const { fixed, window } = range;
  const shared = ofClients.get(client) ?? new Map<string, AnnotationData>();
  ofClients.set(client, shared);
  const key = fixed ? `${fixed.from}-${fixed.to}` : window.name;
  const data = shared.get(key) ?? new AnnotationData(client, range, now, initial);
  shared.delete(key);
  shared.set(key, data);
  for (const old of shared.keys()) if (shared.size > MAX_RANGES) shared.delete(old);
  return data;
}

const NONE: readonly Annotation[] = [];
const nothing = () => {};

/** What happened in a range, oldest first. It is another component's for another range. */
export function useAnnotations(asked: AnnotationsAsked): readonly Annotation[] {
  const client = useLiveClient();
  const [data] = useState(() => client && dataOf(client, asked));
  const seeded = asked.initial?.annotations ?? NONE;
  useEffect(() => data?.use(), [data]);
  return useSyncExternalStore(data?.subscribe ?? (() => nothing), data?.view ?? (() => seeded), () => seeded);
}
