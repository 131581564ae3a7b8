"use client";

import { createContext, useContext } from "react";
import type { LiveClient } from "@/lib/client/live-client";
import type { Place } from "@/lib/shared/format";
import type { PageSnapshot } from "@/lib/shared/protocol";

/** Absent while the server renders. */
export const ClientContext = createContext<LiveClient | undefined>(undefined);
export const PlaceContext = createContext<Place>({ locale: "en", timeZone: "UTC" });
/** What the page around was rendered from. */
export const PageContext = createContext<PageSnapshot | undefined>(undefined);

/** The tab's client, for what no other hook offers; `undefined` while the server renders. */
export function useLiveClient(): LiveClient | undefined {
  return useContext(ClientContext);
}
