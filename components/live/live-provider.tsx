"use client";

import { type ReactNode, startTransition, useEffect, useMemo, useState } from "react";
import { browserEnvironment } from "@/lib/client/browser-environment";
import { createLiveClient, type LiveClient } from "@/lib/client/live-client";
import { ClientContext, PlaceContext } from "./live-context";
import { offerSupportHook } from "./support-hook";
import { watchForLive } from "./when-live";

let shared: LiveClient | undefined;

/** One client per browser tab, whatever React does with the tree. None while the server renders. */
function tabClient(): LiveClient | undefined {
  if (typeof window === "undefined") return undefined;
  shared ??= createLiveClient(browserEnvironment());
  return shared;
}

interface LiveProviderProps {
  /** A BCP 47 tag; how numbers and dates are written. */
  locale: string;
  /** An IANA name. By default the browser's, and UTC until the page is hydrated. */
  timeZone?: string;
  children: ReactNode;
}

/** Goes around everything live, once, in the root layout. */
export function LiveProvider({ locale, timeZone, children }: LiveProviderProps) {
  const [client] = useState(tabClient);
  const [zone, setZone] = useState(timeZone ?? "UTC");
  const place = useMemo(() => ({ locale, timeZone: zone }), [locale, zone]);
  useEffect(() => {
    // As a transition: what is not hydrated yet keeps its HTML until it is.
    startTransition(() => setZone(timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone));
  }, [timeZone]);
  useEffect(() => {
    if (!client) return;
    client.start();
    const withdraw = offerSupportHook(client);
    const stopWatching = watchForLive(client);
    return () => {
      stopWatching();
      withdraw();
      client.stop();
    };
  }, [client]);
  return (
    <ClientContext value={client}>
      <PlaceContext value={place}>{children}</PlaceContext>
    </ClientContext>
  );
}
