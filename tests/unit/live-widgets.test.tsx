// @vitest-environment jsdom
import { fireEvent } from "@testing-library/react";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { MetricCard } from "@/components/cards/metric-card";
import { LineChart } from "@/components/charts/line-chart";
import { ConnectionBar } from "@/components/live/connection-bar";
import { ConnectionIndicator } from "@/components/live/connection-indicator";
import { FeedTable } from "@/components/tables/feed-table";
import { LiveTable } from "@/components/tables/live-table";
import { defineChannel } from "@/lib/shared/define-channel";
import { type Live, renderLive } from "../support/render-live";

const common = { cadence: 1000, maxAge: 5000, filledBy: "ingest" } as const;
const stock = defineChannel({
  ...common,
  kind: "record",
  name: "stock",
  title: "Stock",
  metrics: { left: { title: "Left in stock", unit: "count", good: "up" } },
});
const shelves = defineChannel({
  ...common,
  kind: "table",
  name: "shelves",
  title: "Shelves",
  key: "shelf",
  columns: { shelf: { title: "Shelf", type: "text" }, left: { title: "Left", type: "number" } },
});
const sales = defineChannel({
  ...common,
  kind: "feed",
  name: "sales",
  title: "Sales",
  keep: 50,
  fields: { item: { title: "Item", type: "text" }, amount: { title: "Amount", type: "number" } },
});
const { left } = stock.metrics;

// jsdom has no canvas; the same lines stay as the SVG that the server draws.
vi.mock("@/components/charts/chart-canvas", () => ({ default: () => null }));

interface Widget {
  name: string;
  testId: string;
  open(isEmpty?: boolean): Promise<Live>;
  push(live: Live): Promise<void>;
  fail(live: Live): Promise<void>;
  /** What is shown of the data. */
  data: RegExp;
  newData: RegExp;
  empty: RegExp;
}

const open =
  (ui: React.ReactNode, channel: typeof stock | typeof shelves | typeof sales, reading: object) =>
  (isEmpty = false) =>
    renderLive(ui, {
      channels: [channel],
      before: isEmpty ? undefined : ({ push }) => push(channel, reading as never),
    });

const WIDGETS: Widget[] = [
  {
    name: "MetricCard",
    testId: "metric-stock-left",
    open: open(<MetricCard metric={left} />, stock, { left: 12 }),
    push: (live) => live.push(stock, { left: 13 }),
    fail: (live) => live.fail(stock, "The shop's database is down"),
    data: /12/,
    newData: /13/,
    empty: /No data yet/,
  },
  {
    name: "LiveTable",
    testId: "table-shelves",
    open: open(<LiveTable table={shelves.table} empty="No shelf yet" />, shelves, { shelf: "Tea", left: 3 }),
    push: (live) => live.push(shelves, { shelf: "Tea", left: 2 }),
    fail: (live) => live.fail(shelves, "The shop's database is down"),
    data: /Tea3/,
    newData: /Tea2/,
    empty: /No shelf yet/,
  },
  {
    name: "FeedTable",
    testId: "feed-sales",
    open: open(<FeedTable feed={sales.feed} empty="No sale yet" />, sales, { item: "Mug", amount: 9 }),
    push: (live) => live.push(sales, { item: "Pot", amount: 20 }),
    fail: (live) => live.fail(sales, "The shop's database is down"),
    data: /Mug9/,
    newData: /Pot20/,
    empty: /No sale yet/,
  },
  {
    name: "LineChart",
    testId: "chart-left",
    open: open(<LineChart name="left" title="Left" metrics={[left]} />, stock, { left: 12 }),
    push: (live) => live.push(stock, { left: 13 }),
    fail: (live) => live.fail(stock, "The shop's database is down"),
    data: /newest 12/,
    newData: /newest 13/,
    empty: /It begins with the first reading/,
  },
];

describe.each(WIDGETS)("$name", ({ testId, open, push, fail, data, newData, empty }) => {
  const textOf = (live: Live) => live.getByTestId(testId).textContent;

  it("[C7] is live, then late, stale and lost while nothing comes, keeps its data, and is live again", async () => {
    const live = await open();
    expect(textOf(live)).toMatch(data);
    expect(textOf(live)).toContain("Live");
    for (const [ms, word] of [
      [6000, "Late"],
      [10_000, "Stale"],
      [60_000, "Lost"],
    ] as const) {
      await live.advance(ms);
      expect(textOf(live)).toContain(word);
      expect(textOf(live)).toMatch(data);
    }
    await push(live);
    expect(textOf(live)).toContain("Live");
    expect(textOf(live)).toMatch(newData);
  });

  it("[C7][S3] says why its source has no reading, and no longer once it has one", async () => {
    const live = await open();
    await fail(live);
    await live.advance(80_000);
    const widget = live.getByTestId(testId);
    expect(widget.textContent).toContain("Lost");
    expect(widget.innerHTML).toContain("The shop's database is down");
    expect(live.getByRole("link", { name: "Why: see its source" })).toBeTruthy();
    await push(live);
    expect(widget.innerHTML).not.toContain("The shop's database is down");
  });

  it("[C7] without a connection its data stays as last known, and what was missed is there afterwards", async () => {
    const live = await open();
    await live.disconnect();
    expect(textOf(live)).toContain("Last known");
    await push(live);
    expect(textOf(live)).toMatch(data);
    await live.reconnect();
    expect(textOf(live)).toMatch(newData);
    expect(textOf(live)).toContain("Live");
  });

  it("says that there was no data ever, until there is", async () => {
    const live = await open(true);
    expect(textOf(live)).toMatch(empty);
    expect(textOf(live)).not.toMatch(/Late|Stale|Lost/);
    await push(live);
    expect(textOf(live)).toMatch(newData);
  });
});

it("[F3] a feed has each item once and in order, though frames were lost on their way", async () => {
  const live = await renderLive(<FeedTable feed={sales.feed} empty="No sale yet" />, { channels: [sales] });
  const items = () =>
    [...live.getByTestId("feed-sales").querySelectorAll("tbody tr")].map(
      (row) => /n\d/.exec(row.textContent!)?.[0],
    );
  await live.push(sales, { item: "n1" });
  await live.gap(sales, { item: "n2" });
  await live.gap(sales, { item: "n3" });
  expect(items()).toEqual(["n1"]);
  await live.push(sales, { item: "n4" });
  expect(items()).toEqual(["n4", "n3", "n2", "n1"]);
  // The last frame is lost, and nothing follows but the beat.
  await live.gap(sales, { item: "n5" });
  expect(items()).toEqual(["n4", "n3", "n2", "n1"]);
  await live.advance(11_000);
  expect(items()).toEqual(["n5", "n4", "n3", "n2", "n1"]);
  expect(live.getByTestId("feed-sales").dataset.count).toBe("5");
  expect(live.client.ledger().map(({ why, missed }) => [why, missed])).toEqual([
    ["lost-frame", 3],
    ["lost-frame", 1],
  ]);
});

describe("LineChart's table", () => {
  beforeAll(() => {
    // jsdom knows no modal dialogs.
    HTMLDialogElement.prototype.showModal = function showModal() {
      this.open = true;
    };
  });

  it("has the readings, those that were missed without a connection too, and the silence", async () => {
    const live = await renderLive(<LineChart name="left" title="Left" metrics={[left]} />, {
      channels: [stock],
      before: ({ push }) => push(stock, { left: 12 }),
    });
    await live.disconnect();
    await live.push(stock, { left: 13 });
    await live.reconnect();
    await live.advance(30_000);
    await live.push(stock, { left: 14 });
    await live.advance(1000);
    await live.loaded();
    fireEvent.click(live.getByRole("button", { name: "Left: table and downloads" }));
    await live.loaded();
    fireEvent.click(live.getByRole("menuitem", { name: "Show as table" }));
    await live.advance(100);
    const rows = [...live.getByTestId("chart-table").querySelectorAll("tbody tr")].map(
      ({ textContent }) => textContent,
    );
    const values = rows.map((row) => /^\S+ UTC(.*)$/.exec(row!)?.[1]);
    expect(values).toEqual(["12", "13", expect.stringMatching(/^no data/), "14"]);
  });
});

describe("the connection's indicator", () => {
  const indicator = (
    <>
      <ConnectionIndicator channels={[]} />
      <ConnectionBar />
    </>
  );

  it("[C7] says live, reconnecting, offline and live again, to who does not see it too", async () => {
    const live = await renderLive(indicator, { channels: [stock] });
    const word = () => live.getByTestId("connection").getAttribute("aria-label");
    const announced = () => live.getByRole("status").textContent;
    expect(word()).toBe("Connection: Live · WebSocket");
    expect(announced()).toBe("");
    expect(live.queryByTestId("connection-bar")).toBeNull();
    await live.disconnect();
    expect(word()).toBe("Connection: Reconnecting");
    expect(announced()).toBe("Reconnecting");
    expect(live.getByTestId("connection-bar").textContent).toContain("everything shown is last known");
    await live.advance(120_000);
    expect(word()).toBe("Connection: Offline");
    expect(announced()).toBe("Offline");
    await live.push(stock, { left: 1 });
    await live.reconnect();
    expect(word()).toBe("Connection: Live · WebSocket");
    expect(announced()).toMatch(/^Live\. caught up, 1 update/i);
    expect(live.getByTestId("connection-bar").textContent).toMatch(/caught up, 1 update/i);
    await live.advance(6000);
    expect(live.queryByTestId("connection-bar")).toBeNull();
  });

  it("[C2] says delayed when the connection is open and silent", async () => {
    const live = await renderLive(indicator, { channels: [stock] });
    live.server.behaviour.socket = "mute";
    await live.advance(14_000);
    expect(live.getByTestId("connection").getAttribute("aria-label")).toMatch(/^Connection: Delayed/);
    expect(live.getByRole("status").textContent).toBe("Delayed");
  });
});
