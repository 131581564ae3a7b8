/** Stands in for `next/navigation`: the query is the page's own, and a change of it by the history is noticed. */
import { useSyncExternalStore } from "react";

const CHANGED = "bench-navigated";

for (const way of ["pushState", "replaceState"] as const) {
  const original = history[way].bind(history);
  history[way] = (...args) => {
    original(...args);
    dispatchEvent(new Event(CHANGED));
  };
}

let params = new URLSearchParams(location.search);

function read(): URLSearchParams {
  if (`?${params}` !== (location.search || "?")) params = new URLSearchParams(location.search);
  return params;
}

function subscribe(listener: () => void): () => void {
  for (const event of [CHANGED, "popstate"]) addEventListener(event, listener);
  return () => {
    for (const event of [CHANGED, "popstate"]) removeEventListener(event, listener);
  };
}

const router = {
  push: (url: string) => history.pushState(null, "", url),
  replace: (url: string) => history.replaceState(null, "", url),
  refresh() {},
  prefetch() {},
};

export const useSearchParams = () => useSyncExternalStore(subscribe, read);
export const usePathname = () => useSyncExternalStore(subscribe, () => location.pathname);
export const useRouter = () => router;
