/**
 * Did the page tell the truth? Pure: what was acknowledged by ingest is compared with what a person would have
 * seen. All times are ms on one machine's clock.
 */
import type { Acknowledged } from "./producer";
import type { Sight } from "./witness";

/** From `from` on a fault may go unnoticed for `ms`: so long the page may say live although it is behind. */
export interface Grace {
  from: number;
  ms: number;
}

export interface Evidence {
  acknowledged: Acknowledged;
  sights: readonly Sight[];
  /** The values that the chart of the figures draws at the end, from left to right. */
  drawn: readonly number[];
  /** When the fault began, and when it was over; absent where there is no such moment. */
  injectedAt?: number;
  healedAt?: number;
  graces?: readonly Grace[];
  /** So much older than its transport explains may be what the page says is live, at all times. */
  slackMs?: number;
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
/** A chart shows five minutes; what is nearly as old may have left it, ms. */
const CHART_MS = 285_000;
/** A chart of five minutes draws the last figure of every half second; an acknowledgement takes its time, too, ms. */
const DRAWN_APART_MS = 700;
/** What is over within a second is no lie: nobody wakes up faster. */
const MOMENT_MS = 1000;

export function judge(evidence: Evidence): Verdict {
  const { acknowledged, sights, drawn, injectedAt, healedAt, graces = [], slackMs = 0 } = evidence;
  const { orders, figures } = acknowledged;
  const taken = (orders[0]?.n ?? 1) - 1;
  const last = sights.findLast(({ list }) => list);
  const counted = Math.max(0, (last?.count ?? 0) - taken);
  const line = judgeLine(figures, drawn, taken);
  const wrongCard = figures.length > 0 && last?.card !== figures.at(-1)!.n ? 1 : 0;
  return {
    expected: orders.length + figures.length,
    shown: counted + line.shown,
    missing: Math.max(0, orders.length - counted) + line.missing + wrongCard,
    doubled: Math.max(0, counted - orders.length) + line.doubled,
    disordered: sights.filter(isWrong).length + stepsBack(sights) + line.disordered,
    dishonest: lies(orders, sights, (late) => excused(late + slackMs, graces)),
    noticeMs: injectedAt === undefined ? null : noticed(sights, injectedAt),
    recoverMs: healedAt === undefined ? null : recovered(orders, sights, healedAt),
  };
}

/** The newest order in the list, 0 for an empty one; `undefined` where there is no list. */
function newestOf({ list, orders }: Sight): number | undefined {
  return list ? (orders[0] ?? 0) : undefined;
}

/** Is the list itself wrong: a hole, a repetition, or another count than its newest number? */
function isWrong({ orders, count }: Sight): boolean {
  if (orders.some((n, i) => i > 0 && n !== orders[i - 1]! - 1)) return true;
  return orders.length > 0 && count !== null && count !== orders[0];
}

/**
 * How often the newest order was an older one than before, or the list was emptied. The page that is left goes on
 * while the next one is on its way, so that one is held to what was seen when it was asked for.
 */
function stepsBack(sights: readonly Sight[]): number {
  const lists = sights.filter(({ list }) => list);
  const last = new Map<Sight["askedAt"], Sight>();
  return lists.filter((sight) => {
    const before = last.get(sight.askedAt) ?? lists.findLast(({ from }) => from <= sight.askedAt);
    last.set(sight.askedAt, sight);
    return before && newestOf(sight)! < newestOf(before)!;
  }).length;
}

/**
 * A line is drawn with fractions of pixels, so a value counts when it is the nearest whole number. What was there
 * before the first order is not judged.
 */
function judgeLine(figures: Acknowledged["figures"], drawn: readonly number[], taken: number) {
  const values = drawn.map((value) => Math.round(value)).filter((n) => n > taken);
  const seen = new Set(values);
  const known = new Set(figures.map(({ n }) => n));
  const end = figures.at(-1)?.at ?? 0;
  // One that another followed at once need not have been drawn, if that one was.
  const isDrawn = (i: number): boolean => {
    const [figure, next] = [figures[i]!, figures[i + 1]];
    return (
      seen.has(figure.n) || (next !== undefined && next.at - figure.at < DRAWN_APART_MS && isDrawn(i + 1))
    );
  };
  return {
    shown: figures.filter(({ n }) => seen.has(n)).length,
    missing: figures.filter(({ at }, i) => at > end - CHART_MS && !isDrawn(i)).length,
    doubled: values.length - seen.size + [...seen].filter((n) => !known.has(n)).length,
    disordered: values.filter((n, i) => i > 0 && n < values[i - 1]!).length,
  };
}

/** How old what is shown as live may be over a transport, for busy machines: a poll comes every 5 s. */
function lagMs(transport: string | null): number {
  return transport === "Polling" ? 8000 : 3000;
}

function lies(orders: Acknowledged["orders"], sights: readonly Sight[], excuse: (late: number) => number) {
  const found: Verdict["dishonest"] = [];
  const first = orders[0]?.n ?? 1;
  let isOpen = false;
  for (const sight of sights) {
    const { word, transport, from, until } = sight;
    const newest = newestOf(sight);
    // The oldest order that it did not show yet.
    const next = newest === undefined ? undefined : orders[Math.max(0, newest + 1 - first)];
    const lateFrom = next && Math.max(from, excuse(next.at + lagMs(transport)));
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
  return found.filter(({ forMs }) => forMs > MOMENT_MS);
}

/** From when on a page that is behind since `late` has no excuse. */
function excused(late: number, graces: readonly Grace[]): number {
  const ends = graces
    .filter(({ from, ms }) => late >= from && late < from + ms)
    .map(({ from, ms }) => from + ms);
  return Math.max(late, ...ends);
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
    (sight) => sight.until >= healedAt && sight.word === LIVE && (newestOf(sight) ?? -1) >= due,
  );
  return sight ? Math.max(0, sight.from - healedAt) : null;
}
