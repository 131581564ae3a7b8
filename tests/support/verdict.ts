/**
 * Did the page tell the truth? Pure: what was acknowledged by ingest is compared with what a person would have
 * seen. All times are ms on one machine's clock.
 */
import type { Acknowledged } from "./producer";
import type { Sight } from "./witness";

export interface Evidence {
  acknowledged: Acknowledged;
  sights: readonly Sight[];
  /** The values that the chart of the figures draws at the end, from left to right. */
  drawn: readonly number[];
  /** When the fault began, and when it was over; absent where there is no such moment. */
  injectedAt?: number;
  healedAt?: number;
  /** The time in which this fault has to be noticed: so much longer the page may say live. */
  noticeMs?: number;
}

export interface Verdict {
  /** Orders and figures that the page has to show. */
  expected: number;
  shown: number;
  missing: number;
  doubled: number;
  /** Moments at which the list had a hole or went back, or its count said another thing. */
  disordered: number;
  /** The stretches in which the page said live while it was further behind than it may. */
  dishonest: { at: number; forMs: number; behindMs: number }[];
  /** From the fault to the first sight that is not live; `null` when there was none. */
  noticeMs: number | null;
  /** From the end of the fault until the page was live with everything acknowledged by then. */
  recoverMs: number | null;
}

const LIVE = "Live";

export function judge(evidence: Evidence): Verdict {
  const { acknowledged, sights, drawn, injectedAt, healedAt, noticeMs = 0 } = evidence;
  const { orders, figures } = acknowledged;
  const last = sights.findLast(({ count }) => count !== null);
  const first = (orders[0]?.n ?? 1) - 1;
  const counted = Math.max(0, (last?.count ?? 0) - first);
  const lines = judgeLine(
    figures.map(({ n }) => n),
    drawn,
  );
  const wrongCard = figures.length > 0 && last?.card !== figures.at(-1)!.n ? 1 : 0;
  return {
    expected: orders.length + figures.length,
    shown: counted + lines.shown,
    missing: Math.max(0, orders.length - counted) + lines.missing + wrongCard,
    doubled: Math.max(0, counted - orders.length) + lines.extra,
    disordered: sights.filter(isWrong).length + stepsBack(sights) + lines.disordered,
    dishonest: lies(orders, sights, noticeMs),
    noticeMs: injectedAt === undefined ? null : noticed(sights, injectedAt),
    recoverMs: healedAt === undefined ? null : recovered(orders, sights, healedAt),
  };
}

/** Is the list itself wrong: a hole, a repetition, or another count than its newest number? */
function isWrong({ orders, count }: Sight): boolean {
  if (orders.some((n, i) => i > 0 && n !== orders[i - 1]! - 1)) return true;
  return orders.length > 0 && count !== null && count !== orders[0];
}

/** How often the newest order was an older one than before. */
function stepsBack(sights: readonly Sight[]): number {
  const newest = sights.flatMap(({ orders }) => orders[0] ?? []);
  return newest.filter((n, i) => i > 0 && n < newest[i - 1]!).length;
}

/** A line is drawn with fractions of pixels, so a value counts when it is the nearest whole number. */
function judgeLine(expected: readonly number[], drawn: readonly number[]) {
  const values = drawn.map((value) => Math.round(value));
  const seen = new Set(values);
  const known = new Set(expected);
  return {
    shown: expected.filter((n) => seen.has(n)).length,
    missing: expected.filter((n) => !seen.has(n)).length,
    extra: [...seen].filter((n) => !known.has(n)).length,
    disordered: values.filter((n, i) => i > 0 && n < values[i - 1]!).length,
  };
}

/** How old what is shown as live may be over a transport, for busy machines: a poll comes every 5 s. */
export function lagMs(transport: string | null): number {
  return transport === "Polling" ? 8000 : 3000;
}

function lies(orders: Acknowledged["orders"], sights: readonly Sight[], noticeMs: number) {
  const found: Verdict["dishonest"] = [];
  const first = orders[0]?.n ?? 1;
  let isOpen = false;
  for (const { word, transport, orders: list, from, until } of sights) {
    // The oldest order that it did not show yet.
    const next = list[0] === undefined ? undefined : orders[list[0] + 1 - first];
    const lateFrom = next && Math.max(from, next.at + lagMs(transport) + noticeMs);
    if (word !== LIVE || lateFrom === undefined || until <= lateFrom) {
      isOpen = false;
      continue;
    }
    const behindMs = until - next!.at;
    const lie = found.at(-1);
    if (isOpen && lie)
      Object.assign(lie, { forMs: until - lie.at, behindMs: Math.max(lie.behindMs, behindMs) });
    else found.push({ at: lateFrom, forMs: until - lateFrom, behindMs });
    isOpen = true;
  }
  return found;
}

function noticed(sights: readonly Sight[], injectedAt: number): number | null {
  const sight = sights.find(({ word, until }) => until >= injectedAt && word !== null && word !== LIVE);
  return sight ? Math.max(0, sight.from - injectedAt) : null;
}

function recovered(
  orders: Acknowledged["orders"],
  sights: readonly Sight[],
  healedAt: number,
): number | null {
  const due = orders.findLast(({ at }) => at <= healedAt)?.n ?? 0;
  const sight = sights.find(
    ({ word, orders: [newest = 0], until }) => until >= healedAt && word === LIVE && newest >= due,
  );
  return sight ? Math.max(0, sight.from - healedAt) : null;
}
