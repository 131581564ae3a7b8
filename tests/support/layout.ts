/** What is wrong with where things are on a page, found by measuring it. */
import type { Page } from "playwright/test";

/**
 * What scrolls sideways, is cut off without a way to read it, or lies over something else; a line each. With `touch`
 * also what is too small for a finger.
 */
export function layoutFaults(page: Page, { touch = false } = {}): Promise<string[]> {
  return page.evaluate(measure, touch);
}

// Sent to the page as text: it knows nothing of this file.
function measure(touch: boolean): string[] {
  const SLACK = 1.5;
  const LEAST_TARGET = 44;
  const faults = new Set<string>();
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) faults.add(`the page scrolls sideways: ${root.scrollWidth} px`);

  const nameOf = (element: Element): string => {
    const test = element.closest("[data-testid]")?.getAttribute("data-testid");
    const text = element.textContent?.trim().replace(/\s+/g, " ").slice(0, 40);
    return `${test ? `${test} ` : ""}<${element.tagName.toLowerCase()}> "${text || element.getAttribute("aria-label")}"`;
  };
  const isShown = (element: Element): boolean =>
    element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
    // What only a screen reader reads is a pixel large.
    !element.closest(".sr-only") &&
    element.getBoundingClientRect().width > SLACK;
  const isAlsoTold = (element: Element): boolean => element.closest("[title], [aria-label]") !== null;

  /** The boxes around it that hide what is outside them, the nearest first. */
  const clipsOf = (element: Element): Element[] => {
    const clips: Element[] = [];
    for (let box: Element | null = element; box && box !== document.body; box = box.parentElement) {
      const { overflowX, overflowY, position } = getComputedStyle(box);
      if (overflowX !== "visible" || overflowY !== "visible") clips.push(box);
      if (position === "fixed") break;
    }
    return clips;
  };
  const scrolls = (box: Element): boolean => {
    const { overflowX, overflowY } = getComputedStyle(box);
    return /auto|scroll/.test(overflowX + overflowY);
  };
  /** What is left of a text's line inside the boxes around it; what one can scroll to is not cut off. */
  const seenOf = (rect: DOMRect, element: Element, clips: readonly Element[]): DOMRect | undefined => {
    let { left, top, right, bottom } = rect;
    let isReachable = false;
    for (const clip of clips) {
      const box = clip.getBoundingClientRect();
      isReachable ||= scrolls(clip);
      const beyond = Math.max(right - box.right, box.left - left);
      const above = Math.max(bottom - box.bottom, box.top - top);
      const isEllipsis = getComputedStyle(clip).textOverflow === "ellipsis";
      if (!isReachable && beyond > SLACK && !(isEllipsis && isAlsoTold(element)))
        faults.add(`cut off by ${Math.round(beyond)} px: ${nameOf(element)}`);
      if (!isReachable && above > rect.height / 4 && beyond <= 0)
        faults.add(`cut off above or below: ${nameOf(element)}`);
      [left, top] = [Math.max(left, box.left), Math.max(top, box.top)];
      [right, bottom] = [Math.min(right, box.right), Math.min(bottom, box.bottom)];
    }
    return right > left && bottom > top ? new DOMRect(left, top, right - left, bottom - top) : undefined;
  };
  /** What moves on its own: two texts of different layers may pass each other. */
  const layerOf = (element: Element): Element => {
    for (let box: Element | null = element; box; box = box.parentElement)
      if (/fixed|sticky/.test(getComputedStyle(box).position)) return box;
    return document.body;
  };

  interface Text {
    element: Element;
    layer: Element;
    rects: DOMRect[];
  }
  const texts: Text[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement!;
    if (!node.textContent?.trim() || /^(SCRIPT|STYLE|NOSCRIPT|OPTION)$/.test(element.tagName)) continue;
    if (!isShown(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const clips = clipsOf(element);
    const rects: DOMRect[] = [];
    for (const rect of range.getClientRects()) {
      if (rect.width < 1) continue;
      if (clips.length === 0 && (rect.right > root.clientWidth + SLACK || rect.left < -SLACK))
        faults.add(`outside the screen: ${nameOf(element)}`);
      const seen = seenOf(rect, element, clips);
      if (seen) rects.push(seen);
    }
    texts.push({ element, layer: layerOf(element), rects });
  }
  // Letters do not fill the lines that they are in.
  const meet = (a: DOMRect, b: DOMRect) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > SLACK &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > Math.min(a.height, b.height) / 3;
  for (const [i, one] of texts.entries())
    for (const other of texts.slice(i + 1)) {
      if (one.layer !== other.layer || one.element === other.element) continue;
      if (one.rects.some((rect) => other.rects.some((next) => meet(rect, next))))
        faults.add(`on top of each other: ${nameOf(one.element)} and ${nameOf(other.element)}`);
    }

  if (touch)
    for (const target of document.querySelectorAll<HTMLElement>(
      "button:not(:disabled), a[href], input, select, textarea, [role=slider]",
    )) {
      if (!isShown(target)) continue;
      // A link in a sentence is as high as its line (WCAG 2.5.8), and so is what stands in for it.
      if (target.tagName === "A" && getComputedStyle(target).display === "inline") continue;
      const { width, height } = (target.closest("label") ?? target).getBoundingClientRect();
      const around = getComputedStyle(target, "::after");
      const more = around.position === "absolute" ? -2 * Number.parseFloat(around.top) : 0;
      if (width + more < LEAST_TARGET - 0.5 || height + more < LEAST_TARGET - 0.5)
        faults.add(
          `too small for a finger, ${Math.round(width + more)} × ${Math.round(height + more)}: ${nameOf(target)}`,
        );
    }
  return [...faults];
}
