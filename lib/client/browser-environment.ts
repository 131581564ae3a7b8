import type { ClientEnvironment, PageEvent } from "./environment";
import { openBrowserTabs } from "./tabs/browser-tabs";
import { shareTransports } from "./tabs/shared-transports";
import { pollTransport } from "./transports/poll";
import { socketTransport } from "./transports/socket";
import { sseTransport } from "./transports/sse";
import type { After } from "./transports/transport";

const MEMORY_PREFIX = "nowboard:";

const after: After = (ms, run) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

/** The real environment. Only to be called in a browser. */
export function browserEnvironment(): ClientEnvironment {
  const ask = (url: string, init: RequestInit) => fetch(url, init);
  const poll = { fetch: ask, after };
  const isVisible = () => document.visibilityState === "visible";
  const page = () => location.pathname;
  const transports = {
    socket: socketTransport(() => import("socket.io-client")),
    sse: sseTransport((url) => new EventSource(url)),
    "long-poll": pollTransport({ ...poll, held: true }),
    poll: pollTransport({ ...poll, held: false }),
  };
  return {
    fetch: ask,
    wall: Date.now,
    mono: () => performance.now(),
    random: Math.random,
    after,
    nextFrame(run) {
      const frame = requestAnimationFrame(run);
      return () => cancelAnimationFrame(frame);
    },
    on: listen,
    isOnline: () => navigator.onLine,
    isVisible,
    isKiosk: () => document.querySelector("[data-kiosk]") !== null,
    memory: {
      // Storage may be refused (private windows, policies); then nothing is remembered.
      read: (name) => attempt(() => localStorage.getItem(MEMORY_PREFIX + name)) ?? null,
      write: (name, value) =>
        void attempt(() =>
          value === null
            ? localStorage.removeItem(MEMORY_PREFIX + name)
            : localStorage.setItem(MEMORY_PREFIX + name, value),
        ),
    },
    transports: shareTransports(transports, { after, on: listen, isVisible, page }, openBrowserTabs),
    userAgent: navigator.userAgent,
    page,
  };
}

function listen(event: PageEvent, listener: () => void): () => void {
  if (event === "visible" || event === "hidden") {
    const check = () => {
      if (document.visibilityState === event) listener();
    };
    document.addEventListener("visibilitychange", check);
    return () => document.removeEventListener("visibilitychange", check);
  }
  // Freeze and resume are events of the document, the others of the window.
  const target = event === "freeze" || event === "resume" ? document : window;
  target.addEventListener(event, listener);
  return () => target.removeEventListener(event, listener);
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
