import type { Browser } from "playwright/test";

/**
 * Stops the processes of a Chromium that run its pages, which is what sleep does to a page. Call what is returned
 * to let them go on, in any case: a stopped page cannot even be closed.
 */
export async function stopRenderers(browser: Browser): Promise<() => void> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const pids = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
  const signal = (name: "SIGSTOP" | "SIGCONT") => {
    for (const pid of pids) {
      try {
        process.kill(pid, name);
      } catch {
        // One that has ended meanwhile neither stops nor goes on.
      }
    }
  };
  signal("SIGSTOP");
  return () => signal("SIGCONT");
}
