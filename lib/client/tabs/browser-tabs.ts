import type { OpenTabLink, TabMessage } from "./tab-messages";

const NAME = "nowboard:tabs";
const LEAD = "nowboard:lead";
const tabLock = (id: string) => `nowboard:tab:${id}`;

/** The tabs of this browser: messages by BroadcastChannel, turns and signs of life by Web Locks. */
export const openBrowserTabs: OpenTabLink = (listener) => {
  // Web Locks need a secure context: HTTPS, or this machine.
  if (typeof BroadcastChannel === "undefined" || !globalThis.navigator?.locks) return undefined;
  const id = crypto.randomUUID();
  const channel = new BroadcastChannel(NAME);
  channel.onmessage = ({ data }: MessageEvent<TabMessage>) => listener(data);
  // Held for as long as this tab lives: the browser itself lets go of it, however the tab ends. Nothing is said before:
  // whoever watches a tab that does not hold it yet would take it for gone.
  let unsaid: TabMessage[] | undefined = [];
  const release = lock(tabLock(id), () => {
    for (const message of unsaid ?? []) channel.postMessage(message);
    unsaid = undefined;
  });
  return {
    id,
    send: (message) => (unsaid ? void unsaid.push(message) : channel.postMessage(message)),
    lead: (granted) => lock(LEAD, granted),
    watch: (tab, gone) => {
      const stop = lock(tabLock(tab), () => {
        stop();
        gone();
      });
      return stop;
    },
    close() {
      unsaid = [];
      release();
      channel.close();
    },
  };
};

/** Asks for a lock and keeps it; returns the way to withdraw, or to let go. */
function lock(name: string, granted: () => void): () => void {
  const withdraw = new AbortController();
  let letGo = () => withdraw.abort();
  navigator.locks
    .request(name, { signal: withdraw.signal }, () => {
      const held = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      granted();
      return held;
    })
    // Withdrawn, or the page is on its way out.
    .catch(() => {});
  return () => letGo();
}
