import type { LiveClient } from "@/lib/client/live-client";

/** First the page says that it is live; what waited for that does not compete with it, ms. */
const AFTER_MS = 50;
/** Where the page cannot become live, what waits for it goes on after this, ms. */
const LONGEST_MS = 5000;

let resolve = () => {};
const live = new Promise<void>((done) => {
  resolve = done;
});

/** Resolves once the tab has been live, or a while after its client began without getting there. Only in a browser. */
export function whenLive(): Promise<void> {
  return live;
}

/** Runs once the client is live, which it may be already. Returns the way to stop waiting. */
export function onceLive(client: LiveClient, run: () => void): () => void {
  const off = client.subscribe("connection", look);
  function look() {
    if (client.connection().status !== "live") return;
    off();
    run();
  }
  look();
  return off;
}

/** Watches for the first time that the client is live. Returns the way to stop. */
export function watchForLive(client: LiveClient): () => void {
  const timer = setTimeout(resolve, LONGEST_MS);
  const off = onceLive(client, () => setTimeout(resolve, AFTER_MS));
  return () => {
    clearTimeout(timer);
    off();
  };
}
