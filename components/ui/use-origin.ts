"use client";

import { useSyncExternalStore } from "react";

const DEFAULT_ORIGIN = "http://127.0.0.1:3000";
const never = () => () => undefined;

/** Where this page came from; in the server's HTML `served`, or where Nowboard listens by default. */
export function useOrigin(served = DEFAULT_ORIGIN): string {
  return useSyncExternalStore(
    never,
    () => location.origin,
    () => served,
  );
}
