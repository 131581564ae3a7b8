import type { Page } from "playwright";

/** What ran in a page since the last count. */
export interface WakeUps {
  timers: number;
  frames: number;
  requests: number;
  /** Messages of sockets and event streams, answers of requests. */
  messages: number;
  /** Moments at which anything of this happened: what runs within 16 ms wakes a device once. */
  moments: number;
}

/** Counts, in every page that `page` loads from now on, what wakes it up. Gives and forgets the count so far. */
export async function countWakeUps(page: Page): Promise<() => Promise<WakeUps>> {
  // Where tsx runs this, its compiler has functions named by a helper that no page has.
  await page.addInitScript("globalThis.__name ??= (run) => run");
  await page.addInitScript(watchWakeUps);
  return () => page.evaluate(() => (window as unknown as { wakeUps: () => WakeUps }).wakeUps());
}

/** Runs in the page, before its own scripts. */
function watchWakeUps(): void {
  const ONE_MOMENT_MS = 16;
  const nothing = () => ({ timers: 0, frames: 0, requests: 0, messages: 0, moments: 0 });
  let counts = nothing();
  let last = Number.NEGATIVE_INFINITY;
  const note = (kind: "timers" | "frames" | "requests" | "messages") => {
    const now = performance.now();
    counts[kind] += 1;
    if (now - last >= ONE_MOMENT_MS) {
      counts.moments += 1;
      last = now;
    }
  };
  type Run = (...args: unknown[]) => unknown;
  const counted =
    (kind: "timers" | "frames", run: unknown): Run =>
    (...args) => {
      note(kind);
      return (run as Run)(...args);
    };
  const { setTimeout, setInterval, requestAnimationFrame, fetch } = window;
  Object.assign(window, {
    setTimeout: (run: unknown, ...rest: []) => setTimeout(counted("timers", run), ...rest),
    setInterval: (run: unknown, ...rest: []) => setInterval(counted("timers", run), ...rest),
    requestAnimationFrame: (run: unknown) => requestAnimationFrame(counted("frames", run)),
    fetch: (...args: Parameters<typeof fetch>) => {
      note("requests");
      const answer = fetch(...args);
      answer.then(
        () => note("messages"),
        () => note("messages"),
      );
      return answer;
    },
    wakeUps: () => {
      const taken = counts;
      counts = nothing();
      return taken;
    },
  });
  const RealSocket = window.WebSocket;
  window.WebSocket = class extends RealSocket {
    constructor(...args: ConstructorParameters<typeof RealSocket>) {
      super(...args);
      note("requests");
      this.addEventListener("message", () => note("messages"));
    }
  };
  const RealStream = window.EventSource;
  window.EventSource = class extends RealStream {
    constructor(...args: ConstructorParameters<typeof RealStream>) {
      super(...args);
      note("requests");
      for (const type of ["frame", "beat"]) this.addEventListener(type, () => note("messages"));
    }
  };
}

/** Puts a page in the background, or back, as the browser would tell it. */
export async function setVisible(page: Page, isVisible: boolean): Promise<void> {
  await page.evaluate(
    (state) => {
      Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
      Object.defineProperty(document, "hidden", { configurable: true, get: () => state === "hidden" });
      document.dispatchEvent(new Event("visibilitychange"));
    },
    isVisible ? "visible" : "hidden",
  );
}

/** Waits until a page that was hidden has parked (C3): a minute, and some for a busy machine. */
export async function untilParked(page: Page): Promise<void> {
  const isParked = () => window.__nowboard?.connection().parked.includes("hidden") === true;
  await page.waitForFunction(isParked, undefined, { timeout: 120_000, polling: 1000 });
}
