import { droppedPages, KEPT_PREFIX, type KeptPage, keptPage } from "@/lib/client/last-known";
import type { LiveClient } from "@/lib/client/live-client";
import type { Channel } from "@/lib/shared/define-channel";

/** While updates come, what is kept is renewed this often, ms: a device may lose its power without a word. */
const EVERY_MS = 30_000;
const WIDGETS = "[data-testid^=metric-],[data-testid^=table-],[data-testid^=feed-]";

/**
 * Keeps what each page showed last, for the offline page (C9): when the page is hidden or left, when the connection is
 * lost, and now and then as updates come. It sets no timers of its own.
 */
export async function keepPages(client: LiveClient): Promise<void> {
  const channels = await readChannels();
  if (!channels) return;
  let keptAt = Number.NEGATIVE_INFINITY;
  let wasLive = false;
  const keep = () => {
    keptAt = performance.now();
    const now = client.serverNow();
    if (now === undefined) return;
    // Unless the page is live, what it shows is as of then.
    const at = isLive() ? now : (client.connection().since ?? now);
    const shown = {
      title: document.querySelector("h1")?.textContent ?? "",
      widgets: [...document.querySelectorAll<HTMLElement>(WIDGETS)].map(
        ({ dataset }) => dataset.testid ?? "",
      ),
    };
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    const page = keptPage(shown, {
      channels,
      stateOf: client.channel.bind(client),
      place: { locale: navigator.language, timeZone },
      at,
      ahead: now - Date.now(),
    });
    if (page) store(location.pathname, page);
  };
  const isLive = () => client.connection().status === "live";
  const renew = () => {
    if (isLive() && performance.now() - keptAt >= EVERY_MS) keep();
  };
  for (const { name } of channels) client.subscribe(name, renew);
  client.subscribe("connection", () => {
    if (wasLive && !isLive()) keep();
    wasLive = isLive();
  });
  const leave = () => {
    if (isLive()) keep();
  };
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && leave());
  window.addEventListener("pagehide", leave);
  wasLive = isLive();
  renew();
}

/** What the channels' numbers are called and how they are written; `undefined` when there is no such answer. */
async function readChannels(): Promise<Channel[] | undefined> {
  try {
    const answer = await fetch("/api/channels");
    const { channels } = await answer.json();
    return Array.isArray(channels) ? channels : undefined;
  } catch {
    return undefined;
  }
}

function store(path: string, page: KeptPage): void {
  try {
    localStorage.setItem(KEPT_PREFIX + path, JSON.stringify(page));
    const kept = new Map<string, KeptPage>();
    for (const key of Object.keys(localStorage))
      if (key.startsWith(KEPT_PREFIX)) kept.set(key, parse(localStorage.getItem(key)));
    for (const key of droppedPages(kept, Date.now())) localStorage.removeItem(key);
  } catch {
    // Storage may be refused or full; then nothing is kept.
  }
}

/** What cannot be read is nobody's, and is dropped for having no time. */
function parse(text: string | null): KeptPage {
  try {
    return Object(JSON.parse(text ?? ""));
  } catch {
    return {} as KeptPage;
  }
}
