"use client";

import { type ReactNode, useEffect, useMemo } from "react";
import type { Choice } from "@/lib/client/ladder-state";
import type { PageSnapshot } from "@/lib/shared/protocol";
import { PageContext, useLiveClient } from "./live-context";

export interface LivePageProps {
  page: PageSnapshot;
  /** Fixes the transport for this page: a slow page needs no socket. */
  transport?: Choice;
  /** How often the page's fastest channel has news (ms): the interval of plain polling, at least 5 s. */
  cadence?: number;
  children: ReactNode;
}

/** Goes around a page's widgets: what the server rendered is where the client reads on from (R2). */
export function LivePage({ page, transport, cadence, children }: LivePageProps) {
  const client = useLiveClient();
  // During the render, so that the widgets' first render already reads it. Doing it twice changes nothing.
  useMemo(() => client?.seed(page), [client, page]);
  const { snapshot, denied = [] } = page.frame;
  const names = [...Object.keys(snapshot), ...denied].join();
  useEffect(() => client?.watch(names.split(","), transport, cadence), [client, names, transport, cadence]);
  return <PageContext value={page}>{children}</PageContext>;
}
