import { createHash } from "node:crypto";
import type { business } from "@/lib/channels/business";
import type { regions } from "@/lib/channels/regions";
import { REGIONS } from "./catalogue";
import type { News, Shop } from "./simulation";

/** One request to the ingest endpoint. */
export interface Post {
  channel: string;
  body: string;
  /** Names the content, so that a post which is repeated, even by a second run, is stored once. */
  key: string;
}

/** The figures that were last posted. */
export interface Figures {
  business: Record<keyof (typeof business)["metrics"], number | null>;
  /** By region. */
  regions: Record<string, RegionFigures>;
}

type RegionFigures = Record<Exclude<keyof (typeof regions)["table"]["columns"], "region">, number | null>;

/** How often the totals are posted when there is no order, ms. */
export const QUIET_MS = 10_000;

/** Today's totals, the sums of today's orders. */
export function figuresOf({ today, yesterday }: Shop): Figures {
  const regions = REGIONS.map(({ name }, i) => {
    const [now, before] = [today.regions[i]!, yesterday.regions[i]!];
    const change = before.cents > 0 ? round(100 * (now.cents / before.cents - 1), 1) : null;
    return [name, { orders: now.orders, revenue: now.cents / 100, change }] as const;
  });
  return {
    business: {
      orders: today.orders,
      revenue: today.cents / 100,
      newUsers: today.newUsers,
      conversion: today.visits > 0 ? round((100 * today.orders) / today.visits, 2) : null,
    },
    regions: Object.fromEntries(regions),
  };
}

/** The orders and notices of a step: a post for each second, so that every run of a day makes the same posts. */
export function newsPosts({ orders, notices }: News): Post[] {
  return [
    ...bySecond(orders).map((second) =>
      post(
        "orders",
        second.map(({ cents, ...order }) => ({ ...order, amount: cents / 100 })),
      ),
    ),
    ...bySecond(notices).map((second) => post("notices", second)),
  ];
}

/** The totals at `ts`: of the regions only the columns that changed since `before`. */
export function figuresPosts(before: Figures | undefined, after: Figures, ts: number): Post[] {
  const rows = Object.entries(after.regions).flatMap(([region, row]) => {
    const known = before?.regions[region];
    const changed = Object.entries(row).filter(
      ([column, value]) => known?.[column as keyof RegionFigures] !== value,
    );
    return changed.length > 0 ? [{ region, ...Object.fromEntries(changed), ts }] : [];
  });
  // A row that names nothing but its key says that the table is still true.
  const table = rows.length > 0 ? rows : [{ region: REGIONS[0].name, ts }];
  return [post("regions", table), post("business", { ...after.business, ts })];
}

function bySecond<T extends { ts: number }>(news: readonly T[]): T[][] {
  const seconds = new Map<number, T[]>();
  for (const one of news) {
    const second = Math.floor(one.ts / 1000);
    seconds.set(second, [...(seconds.get(second) ?? []), one]);
  }
  return [...seconds.values()];
}

function post(channel: string, content: object): Post {
  const body = JSON.stringify(content);
  return { channel, body, key: `demo-${createHash("sha256").update(body).digest("hex").slice(0, 32)}` };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
