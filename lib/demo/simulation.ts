import type { NoticeLevel } from "@/lib/channels/notices";
import { busyness, EVENTS, FIRST_NAMES, ITEMS, QUANTITIES, REGIONS } from "./catalogue";
import { oneOf, pick, poisson, type Random, randomAt } from "./random";

export interface ShopOptions {
  seed: number;
  /** Orders a minute in an average hour. */
  rate: number;
}

interface Order {
  /** When it was placed, ms. */
  ts: number;
  order: string;
  customer: string;
  region: string;
  item: string;
  quantity: number;
  cents: number;
}

interface Notice {
  ts: number;
  level: NoticeLevel;
  title: string;
  text: string;
}

/** A day so far. */
interface Day {
  /** Local midnight, ms. */
  midnight: number;
  /** How many of its seconds have been simulated. */
  seconds: number;
  orders: number;
  cents: number;
  visits: number;
  newUsers: number;
  /** In the order of `REGIONS`. */
  regions: readonly { orders: number; cents: number }[];
}

export interface Shop {
  options: ShopOptions;
  today: Day;
  /** Until the same time of day, to compare with. */
  yesterday: Day;
}

export interface News {
  orders: Order[];
  notices: Notice[];
}

export interface Step extends News {
  shop: Shop;
}

/** Of a hundred visits so many end with an order. */
const CONVERSION = 2.6;
const NEW_USERS_PER_ORDER = 0.35;
/** Seconds between two events worth a notice, on average. */
const EVENT_EVERY = 420;
const MILESTONE = 500;
const LARGE_CENTS = 45_000;

/** A shop at the midnight before `now`, with nothing sold yet. */
export function openShop(options: ShopOptions, now: number): Shop {
  const midnight = midnightOf(now);
  return { options, today: emptyDay(midnight), yesterday: emptyDay(midnightBefore(midnight)) };
}

/**
 * What happened until `now` (ms): the new state, and the orders and notices since the last step, in order. The
 * given state stays as it is. Only whole seconds count, and only up to `now`, so a step is repeatable.
 */
export function step(shop: Shop, now: number): Step {
  const news: News = { orders: [], notices: [] };
  return { shop: moveTo(shop, now, news), ...news };
}

/** The state that `step` leads to, for a time whose news nobody needs. */
export function skipTo(shop: Shop, now: number): Shop {
  return moveTo(shop, now);
}

/** Up to when the shop has been simulated, ms. */
export function timeOf({ today }: Shop): number {
  return today.midnight + today.seconds * 1000;
}

function moveTo({ options, today, yesterday }: Shop, now: number, news?: News): Shop {
  let day = today;
  let before = yesterday;
  while (day.midnight < midnightOf(now)) {
    const next = midnightAfter(day.midnight);
    advance(options, day, next, news);
    before = emptyDay(day.midnight);
    day = emptyDay(next);
  }
  day = advance(options, day, now, news);
  return { options, today: day, yesterday: advance(options, before, before.midnight + day.seconds * 1000) };
}

/** The day at `until` (ms), which lies in it; what happens on the way is added to `news`. */
function advance(options: ShopOptions, day: Day, until: number, news?: News): Day {
  const next = { ...day, regions: day.regions.map((region) => ({ ...region })) };
  const date = new Date(day.midnight);
  const dayNumber = date.getFullYear() * 10_000 + (date.getMonth() + 1) * 100 + date.getDate();
  const trade = regionsOf(options.seed, dayNumber);
  for (; day.midnight + (next.seconds + 1) * 1000 <= until; next.seconds += 1) {
    const random = randomAt(options.seed, dayNumber, next.seconds);
    const expected = (options.rate / 60) * busyness(next.seconds);
    const count = poisson(random, expected);
    const start = day.midnight + next.seconds * 1000;
    for (let i = 0; i < count; i += 1) {
      const order = placeOrder(random, trade);
      next.orders += 1;
      next.cents += order.cents;
      const region = next.regions[REGIONS.findIndex(({ name }) => name === order.region)]!;
      region.orders += 1;
      region.cents += order.cents;
      if (!news) continue;
      const ts = start + Math.floor((1000 * i) / count);
      news.orders.push({ ts, order: `${String(dayNumber).slice(4)}-${pad(next.orders)}`, ...order });
      news.notices.push(...noticesOf(ts, next.orders, order));
    }
    // An order is a visit too, so that conversion never passes 100 %.
    next.visits += count + poisson(random, expected * (100 / CONVERSION - 1));
    next.newUsers += poisson(random, expected * NEW_USERS_PER_ORDER);
    if (news && random() * EVENT_EVERY < 1) {
      const { level, title, text } = pick(random, EVENTS);
      news.notices.push({ ts: start, level, title, text });
    }
  }
  return next;
}

function placeOrder(random: Random, trade: readonly { name: string; weight: number }[]) {
  const { name: item, cents } = pick(random, ITEMS);
  const { count: quantity } = pick(random, QUANTITIES);
  const customer = `${oneOf(random, FIRST_NAMES)} ${String.fromCharCode(65 + Math.floor(random() * 26))}.`;
  return { customer, region: pick(random, trade).name, item, quantity, cents: cents * quantity };
}

function noticesOf(ts: number, orders: number, { cents, region }: Omit<Order, "ts" | "order">): Notice[] {
  const notices: Notice[] = [];
  if (orders % MILESTONE === 0) {
    const title = `${orders.toLocaleString("en")} orders today`;
    notices.push({ ts, level: "good", title, text: "The count starts anew at midnight." });
  }
  if (cents >= LARGE_CENTS) {
    const text = `An order of € ${(cents / 100).toFixed(2)} came in from ${region}.`;
    notices.push({ ts, level: "info", title: "A large order", text });
  }
  return notices;
}

/** A region sells up to a tenth more or less than usual on a given day. */
function regionsOf(seed: number, dayNumber: number) {
  const random = randomAt(seed, dayNumber, -1);
  return REGIONS.map(({ name, weight }) => ({ name, weight: weight * (0.9 + 0.2 * random()) }));
}

function emptyDay(midnight: number): Day {
  const regions = REGIONS.map(() => ({ orders: 0, cents: 0 }));
  return { midnight, seconds: 0, orders: 0, cents: 0, visits: 0, newUsers: 0, regions };
}

function pad(number: number): string {
  return String(number).padStart(4, "0");
}

// Days are taken by the calendar: with a change of the clocks they have 23 or 25 hours.
function midnightOf(ms: number): number {
  return new Date(ms).setHours(0, 0, 0, 0);
}

function midnightBefore(midnight: number): number {
  return midnightOf(midnight - 1);
}

function midnightAfter(midnight: number): number {
  return midnightOf(midnight + 30 * 3600_000);
}
