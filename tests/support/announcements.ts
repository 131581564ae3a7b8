import type { Page } from "playwright/test";

/**
 * Notes what a screen reader would read out by itself: what the live regions of the page say, each time that this
 * changes to something. Before the first navigation; returns what was announced so far, oldest first.
 */
export async function noteAnnouncements(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(watchRegions);
  return () => page.evaluate(() => (window as unknown as { announced: string[] }).announced);
}

// Sent to the page as text: it knows nothing of this file.
function watchRegions() {
  const announced: string[] = [];
  Object.assign(window, { announced });
  const REGIONS = `[aria-live]:not([aria-live="off"]), [role="status"], [role="alert"], [role="log"], output`;
  const said = new WeakMap<Element, string>();
  /** What is hidden from screen readers is not read out. */
  const textOf = (node: Node): string => {
    if (node instanceof Text) return node.data;
    if (!(node instanceof Element) || node.getAttribute("aria-hidden") === "true") return "";
    return [...node.childNodes].map(textOf).join("");
  };
  const hear = (region: Element, isNew: boolean) => {
    const text = textOf(region).replace(/\s+/g, " ").trim();
    if (said.get(region) === text) return;
    const isFirst = !said.has(region);
    said.set(region, text);
    // What a region brings with it is not announced, but for an alert's.
    if (isFirst && isNew && region.getAttribute("role") !== "alert") return;
    if (text) announced.push(text);
  };
  const start = () => {
    for (const region of document.querySelectorAll(REGIONS)) hear(region, true);
    new MutationObserver((changes) => {
      for (const { target, addedNodes } of changes) {
        for (const node of addedNodes) {
          if (!(node instanceof Element)) continue;
          for (const region of [node, ...node.querySelectorAll("*")])
            if (region.matches(REGIONS)) hear(region, true);
        }
        const region = (target instanceof Element ? target : target.parentElement)?.closest(REGIONS);
        if (region) hear(region, !said.has(region));
      }
    }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
}
