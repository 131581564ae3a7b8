"use client";

import { useSyncExternalStore } from "react";
import { useLazy } from "@/components/ui/use-lazy";
import type { ShelfReading, ShelfStore } from "./shelf-store";

const loadStore = () => import("./shelf-store");
const noSubscription = () => () => {};
const nothing = () => undefined;

/** This browser's boards and how to change them; nothing until its code is there, which comes once it is wanted. */
export function useShelf(isWanted = true): {
  store: ShelfStore | undefined;
  reading: ShelfReading | undefined;
} {
  const store = useLazy(loadStore, isWanted);
  const reading = useSyncExternalStore(store?.subscribe ?? noSubscription, store?.read ?? nothing, nothing);
  return { store, reading };
}
