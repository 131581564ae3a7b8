/**
 * What a person would see of a page, written down while it happens. It reads the words and numbers on the screen
 * and the lines that are drawn, and asks the product's client nothing: nobody vouches for himself.
 */
import type { Page } from "playwright/test";

/** What the page shows at one moment; `null` where it shows no such thing. */
export interface Look {
  /** When the document that is shown was asked for, ms on this machine's clock. */
  askedAt: number;
  /** The indicator's word and transport: "Live", "WebSocket". */
  word: string | null;
  transport: string | null;
  /** The bar's sentence while it is there. */
  bar: string | null;
  /** Whether there is a list of orders on this page. */
  list: boolean;
  /** The numbers of the orders in the list, newest first. */
  orders: number[];
  /** "… so far" above the list. */
  count: number | null;
  /** The number on the card that is watched: "Orders today", unless another is chosen. */
  card: number | null;
}

/** A look that lasted, ms on this machine's clock. Between two sights nobody could look: the page was asleep. */
export interface Sight extends Look {
  from: number;
  until: number;
}

export interface Witness {
  readonly sights: readonly Sight[];
  /** Whether the page was ever restored from the back/forward cache. */
  readonly wasRestored: boolean;
  /** Whether it watches the document that is open: a load that was broken off may have left one without it. */
  isThere(): Promise<boolean>;
  /** The values of a chart's first line, from left to right, as they are drawn. Empty before the canvas has come. */
  drawn(testId: string): Promise<number[]>;
}

interface Message extends Look {
  at: number;
  restored: boolean;
}

const LOOK_MS = 100;
/** The same look is told again after this, so that a silence shows. */
const TELL_MS = 500;
/** Without word for so long, the page was asleep. */
const ASLEEP_MS = 1500;

const witnesses = new WeakMap<Page, Witness>();

/** The witness of a page that is watched; the fixture `page` is. */
export function witnessOf(page: Page): Witness {
  const witness = witnesses.get(page);
  if (!witness) throw new Error("nobody watches this page: call watchPage before it is opened");
  return witness;
}

/** Begins to watch a page, and one card of it; before its first navigation. */
export async function watchPage(page: Page, card = "metric-business-orders"): Promise<Witness> {
  const sights: Sight[] = [];
  let wasRestored = false;
  await page.exposeBinding("tellWitness", (_source, message: Message) => {
    const { at, restored, ...look } = message;
    wasRestored ||= restored;
    const last = sights.at(-1);
    // What was seen lasted until something else was, unless nobody could look meanwhile.
    const isAwake = last !== undefined && at - last.until < ASLEEP_MS;
    if (isAwake) last.until = Math.max(last.until, at);
    if (!isAwake || !sameLook(last, look)) sights.push({ ...look, from: at, until: at });
  });
  await page.addInitScript(lookAtIntervals, { lookMs: LOOK_MS, tellMs: TELL_MS, cardId: card });
  await page.addInitScript(keepDrawings);
  const witness: Witness = {
    sights,
    get wasRestored() {
      return wasRestored;
    },
    isThere: () => page.evaluate(() => "drawnOn" in window),
    async drawn(testId) {
      const { heights, ticks } = await page.evaluate(readDrawing, testId);
      return valuesOf(heights, ticks);
    },
  };
  witnesses.set(page, witness);
  return witness;
}

function sameLook(a: Look, b: Look): boolean {
  return (
    a.askedAt === b.askedAt &&
    a.word === b.word &&
    a.transport === b.transport &&
    a.bar === b.bar &&
    a.count === b.count &&
    a.card === b.card &&
    a.list === b.list &&
    a.orders.join() === b.orders.join()
  );
}

/** Values from heights (0 is the top of the plot, 1 its bottom), read against the labels of the value axis. */
export function valuesOf(
  heights: readonly number[],
  ticks: readonly { text: string; top: number }[],
): number[] {
  const [a, b] = [ticks[0], ticks.at(-1)];
  if (!a || !b || a.top === b.top) return [];
  const [valueA, valueB] = [readNumber(a.text), readNumber(b.text)];
  return heights.map((height) => valueA + ((height - a.top) / (b.top - a.top)) * (valueB - valueA));
}

/** "€1,250", "1.2K" */
export function readNumber(text: string): number {
  const value = Number(text.replace(/[^\d.-]/g, ""));
  return /\dK/i.test(text) ? value * 1000 : value;
}

// ── In the page ─────────────────────────────────────────────────────────────────────────────────────────
// These functions are sent there as text: they know nothing of this file.

function lookAtIntervals({ lookMs, tellMs, cardId }: { lookMs: number; tellMs: number; cardId: string }) {
  let told = "";
  let toldAt = 0;
  let restored = false;
  window.addEventListener("pageshow", (event) => {
    restored ||= event.persisted;
  });
  const textOf = (selector: string) => document.querySelector(selector)?.textContent?.trim() || null;
  const numberIn = (text: string | null | undefined) => {
    const digits = text?.replace(/[^\d]/g, "");
    return digits ? Number(digits) : null;
  };
  const isFollowed = (node: Node | null): boolean =>
    node !== null && (node.nextSibling !== null || isFollowed(node.parentNode));
  const look = () => {
    const [word = null, transport = null] = textOf('[data-testid="connection"]')?.split(" · ") ?? [];
    const feed = document.querySelector('[data-testid="feed-orders"]');
    // While the HTML is still on its way, a list may be half there: until something follows it.
    const isArriving = document.readyState === "loading" && !isFollowed(feed);
    const list = feed !== null && !isArriving;
    const items = list ? [...feed.querySelectorAll("[data-key]")] : [];
    const heading = textOf('[data-testid="feed-orders"] > div');
    return {
      askedAt: performance.timeOrigin,
      word,
      transport,
      bar: textOf('[data-testid="connection-bar"]'),
      list,
      orders: items.map((item) => Number(/N-(\d+)/.exec(item.textContent ?? "")?.[1])),
      count: numberIn(/[\d.,\s]+(?= so far)/.exec(heading ?? "")?.[0]),
      card: numberIn(textOf(`[data-testid="${cardId}"] > p`)),
    };
  };
  setInterval(() => {
    const seen = look();
    const text = JSON.stringify(seen);
    const at = Date.now();
    if (text === told && at - toldAt < tellMs) return;
    told = text;
    toldAt = at;
    // Absent for a moment after the page was restored.
    (window as never as { tellWitness?: (message: object) => void }).tellWitness?.({ ...seen, at, restored });
  }, lookMs);
}

function keepDrawings() {
  const paths = new WeakMap<object, [number, number][]>();
  const strokes = new WeakMap<object, [number, number][][]>();
  for (const name of ["moveTo", "lineTo"] as const) {
    const draw = Path2D.prototype[name];
    Path2D.prototype[name] = function (x: number, y: number) {
      const points = paths.get(this) ?? [];
      points.push([x, y]);
      paths.set(this, points);
      return draw.call(this, x, y);
    };
  }
  const { clearRect, stroke } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.clearRect = function (...box) {
    strokes.delete(this.canvas);
    return clearRect.apply(this, box);
  };
  CanvasRenderingContext2D.prototype.stroke = function (path?: Path2D) {
    if (path) strokes.set(this.canvas, [...(strokes.get(this.canvas) ?? []), paths.get(path) ?? []]);
    Reflect.apply(stroke, this, path ? [path] : []);
  };
  Object.assign(window, { drawnOn: (canvas: object) => strokes.get(canvas) ?? [] });
}

function readDrawing(testId: string) {
  const chart = document.querySelector(`[data-testid="${testId}"]`);
  const canvas = chart?.querySelector("canvas");
  const { drawnOn } = window as never as { drawnOn(canvas: object): [number, number][][] };
  const path = (canvas && drawnOn(canvas)[0]) ?? [];
  // Where a line begins, the pen is moved and then draws to the same place.
  const points = path.filter(([x, y], i) => x !== path[i - 1]?.[0] || y !== path[i - 1]?.[1]);
  const labels = [...(chart?.querySelectorAll<HTMLElement>('span[style*="top:"]') ?? [])];
  // The labels of the lines' ends have a swatch; those of the axis are text alone.
  const axis = labels.filter((label) => label.children.length === 0);
  return {
    heights: canvas ? points.map(([, y]) => y / canvas.clientHeight) : [],
    ticks: axis.map((label) => ({
      text: label.textContent ?? "",
      top: Number.parseFloat(label.style.top) / 100,
    })),
  };
}
