/** What is used of the document. */
type Page = Pick<Document, "visibilityState" | "addEventListener" | "removeEventListener">;

/**
 * Calls back every `ms` while the page is visible, and once when it becomes so. A hidden page has no wake-ups
 * (C3). Returns the way to stop it.
 */
export function tickWhileVisible(page: Page, ms: number, tick: () => void): () => void {
  let timer: ReturnType<typeof setInterval> | undefined;
  const arm = () => {
    clearInterval(timer);
    timer = page.visibilityState === "visible" ? setInterval(tick, ms) : undefined;
  };
  const change = () => {
    arm();
    if (timer !== undefined) tick();
  };
  arm();
  page.addEventListener("visibilitychange", change);
  return () => {
    clearInterval(timer);
    page.removeEventListener("visibilitychange", change);
  };
}
