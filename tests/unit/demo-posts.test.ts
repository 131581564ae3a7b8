import { expect, it } from "vitest";
import { regions } from "@/lib/channels/regions";
import { channels } from "@/lib/channels/registry";
import { figuresOf, figuresPosts, newsPosts } from "@/lib/demo/posts";
import { openShop, skipTo, step } from "@/lib/demo/simulation";
import { ingestValidator } from "@/lib/server/transports/ingest-schema";
import { apply, emptyState, type TableState } from "@/lib/shared/state";

const OPTIONS = { seed: 7, rate: 30 };
const at = (hour: number, minute = 0) => new Date(2026, 6, 18, hour, minute).getTime();
const start = skipTo(openShop(OPTIONS, at(15)), at(15));
const hour = step(start, at(16));

const validators = new Map(channels.map((channel) => [channel.name, ingestValidator(channel)]));

/** What ingest makes of a post. */
function accepted({ channel, body }: { channel: string; body: string }) {
  return [JSON.parse(body)].flat().map((value) => validators.get(channel)!(value, at(17)));
}

it("posts what ingest accepts, each order once, with the amounts of the totals", () => {
  const posts = newsPosts(hour);
  const items = posts
    .filter(({ channel }) => channel === "orders")
    .flatMap(accepted)
    .flatMap((update) => update.items ?? []);
  expect(items).toHaveLength(hour.orders.length);
  expect(new Set(items.map(({ order }) => order)).size).toBe(items.length);
  const before = figuresOf(start).business;
  const after = figuresOf(hour.shop).business;
  expect(after.orders! - before.orders!).toBe(items.length);
  const amount = items.reduce((sum, item) => sum + (item.amount as number), 0);
  expect(after.revenue! - before.revenue!).toBeCloseTo(amount, 4);
  expect(posts.filter(({ channel }) => channel === "notices").flatMap(accepted)).toHaveLength(
    hour.notices.length,
  );
});

it("posts of a region only what changed, and the rows add up to the totals", () => {
  const [before, after] = [figuresOf(start), figuresOf(hour.shop)];
  let state = emptyState(regions) as TableState;
  let id = 0;
  for (const post of [...figuresPosts(undefined, before, at(15)), ...figuresPosts(before, after, at(16))])
    for (const update of accepted(post))
      if (update.rows) state = apply(state, { ...update, id: `${at(17)}-${id++}` }) as TableState;
  const rows = Object.values(state.rows);
  const total = (column: string) => rows.reduce((sum, row) => sum + (row[column] as number), 0);
  expect(total("orders")).toBe(after.business.orders);
  expect(total("revenue")).toBeCloseTo(after.business.revenue!, 4);

  const later = structuredClone(after);
  later.regions.Spain!.orders! += 1;
  const [table, business] = figuresPosts(after, later, at(16));
  expect(JSON.parse(table!.body)).toEqual([
    { region: "Spain", orders: later.regions.Spain!.orders, ts: at(16) },
  ]);
  expect(JSON.parse(business!.body)).toEqual({ ...after.business, ts: at(16) });
});

it("says that the table is still true when nothing changed", () => {
  const figures = figuresOf(start);
  const [table] = figuresPosts(figures, figures, at(15));
  expect(accepted(table!)[0]).toEqual({
    ch: "regions",
    ts: at(15),
    rows: { Germany: { region: "Germany" } },
  });
});

it("[T5] makes the same keys in a second run, so that nothing is stored twice", () => {
  const again = step(skipTo(openShop(OPTIONS, at(16)), at(15, 50)), at(16));
  const keys = (posts: ReturnType<typeof newsPosts>) => posts.map(({ key }) => key);
  expect(again.orders.length).toBeGreaterThan(100);
  expect(keys(newsPosts(hour))).toEqual(expect.arrayContaining(keys(newsPosts(again))));
  expect(new Set(keys(newsPosts(hour))).size).toBe(newsPosts(hour).length);
  const figures = figuresOf(start);
  const totals = [0, 10_000].flatMap((ms) => figuresPosts(figures, figures, at(15) + ms));
  expect(new Set(keys(totals)).size).toBe(4);
});
