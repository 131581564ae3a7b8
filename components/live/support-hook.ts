import type { LiveClient } from "@/lib/client/live-client";

type SupportHook = Pick<LiveClient, "connection" | "ledger" | "channel" | "series" | "diagnostics">;

declare global {
  interface Window {
    /** What the page knows of its connection and data, read-only: for support and for browser tests. */
    __nowboard?: SupportHook;
  }
}

/** Offers `window.__nowboard`; returns the way to take it back. */
export function offerSupportHook(client: LiveClient): () => void {
  const hook: SupportHook = Object.freeze({
    connection: () => client.connection(),
    ledger: () => client.ledger(),
    channel: (name: string) => client.channel(name),
    series: (channel: string, metric: string) => client.series(channel, metric),
    diagnostics: () => client.diagnostics(),
  });
  window.__nowboard = hook;
  return () => {
    if (window.__nowboard === hook) delete window.__nowboard;
  };
}
