import type { LiveClient } from "@/lib/client/live-client";
import { followSaver } from "./data-saver";
import { keepPages } from "./keep-page";
import { onceLive } from "./when-live";

let hasBegun = false;

/** What a tab does once, when it has been live: nothing of it is needed before. */
export function afterLive(client: LiveClient): void {
  if (hasBegun) return;
  hasBegun = true;
  followSaver(client);
  // Workers need a secure context: HTTPS, or this machine. None in development, where code changes under the page.
  const build = process.env.NEXT_DEPLOYMENT_ID;
  if (!build || !("serviceWorker" in navigator)) return;
  // Who has just lost the server cannot get it from there. A failure is made up for by the next page.
  onceLive(client, () => {
    navigator.serviceWorker.register(`/sw.js?build=${build}`, { updateViaCache: "none" }).catch(() => {});
  });
  void keepPages(client);
}
