import { describe, expect, it } from "vitest";
import { business } from "@/lib/channels/business";
import { infrastructure } from "@/lib/channels/infrastructure";
import { notices } from "@/lib/channels/notices";
import { orders } from "@/lib/channels/orders";
import { regions } from "@/lib/channels/regions";
import { channels } from "@/lib/channels/registry";
import { MAX_METRICS, type Pick, pickOf, widgetId } from "@/lib/shared/boards/board";
import { readBoard, writeBoard } from "@/lib/shared/boards/board-code";
import { catalogueOf, findPick, listLook, searchCatalogue } from "@/lib/shared/boards/catalogue";
import { added } from "@/lib/shared/boards/layout";

const catalogue = catalogueOf(channels);
const picks = catalogue.flatMap(({ entries }) => entries.flatMap((entry) => entry.picks));
const titles = (text: string) =>
  searchCatalogue(catalogue, text).flatMap(({ entries }) => entries.map(({ title }) => title));

describe("the catalogue of widgets", () => {
  it("has every metric of every channel as a number and as a line, every table and every feed", () => {
    const ids = new Set(picks.map(widgetId));
    const expected = channels.flatMap((channel) => {
      if (channel.kind !== "record") return [`table.${channel.name}`];
      return Object.keys(channel.metrics).flatMap((metric) =>
        ["card", "line", "bar"].map((kind) => `${kind}.${channel.name}.${metric}`),
      );
    });
    expect(expected.filter((id) => !ids.has(id))).toEqual([]);
    expect(ids.size).toBe(picks.length);
  });

  it("offers only what a board can hold, a link carry, and a page show", () => {
    const wrong = picks.filter((pick) => {
      const board = { name: "Test", widgets: added([], pick) };
      const again = readBoard(writeBoard(board));
      return !again || !findPick(channels, again.widgets[0]!);
    });
    expect(wrong).toEqual([]);
  });

  it("offers charts of several metrics only of one unit, and no more than can be told apart", () => {
    for (const pick of picks.filter(({ of }) => of.length > 1)) {
      const found = findPick(channels, pick)!;
      if (!("metrics" in found)) throw new Error(`${widgetId(pick)} is no chart`);
      expect(found.metrics).toHaveLength(pick.of.length);
      expect(found.metrics.length).toBeLessThanOrEqual(MAX_METRICS);
    }
  });

  it("offers to stack only what adds up", () => {
    const stacked = picks.filter(({ kind }) => kind === "stacked").map(widgetId);
    expect(stacked).toContain("stacked.infrastructure.networkIn.networkOut");
    expect(stacked.filter((id) => /cpu|p95|errorRate/.test(id))).toEqual([]);
  });

  it("offers a gauge only for what has a largest value", () => {
    const gauges = picks.filter(({ kind }) => kind === "gauge").map(widgetId);
    expect(gauges).toContain("gauge.infrastructure.cpu");
    expect(gauges).not.toContain("gauge.business.revenue");
  });

  it("is searched by words in any order, in titles, explanations and groups", () => {
    expect(titles("response p95")).toContain("p95 response time");
    expect(titles("  API   VIEWERS ")).toContain("Active viewers");
    expect(titles("region revenue")).toContain("Revenue today by region");
    expect(titles("no such thing")).toEqual([]);
    expect(searchCatalogue(catalogue, " ")).toEqual(catalogue);
  });
});

describe("a pick", () => {
  const pick = (kind: Pick["kind"], channel: string, ...of: string[]): Pick => ({ kind, channel, of });

  it.each([
    pick("card", "gone", "a"),
    pick("card", "business", "gone"),
    pick("card", "business", "toString"),
    pick("card", "business", "__proto__"),
    pick("gauge", "business", "revenue"),
    pick("table", "business"),
    pick("card", "orders", "amount"),
    pick("line", "regions", "revenue"),
    pick("category", "regions", "region"),
    pick("category", "regions", "constructor"),
    pick("list", "regions"),
  ])("of what is not there is none: %j", (one) => {
    expect(findPick(channels, one)).toBeUndefined();
  });

  it("shows of a chart what is there, of the first one's unit", () => {
    const found = findPick(channels, pick("line", "infrastructure", "cpu", "gone", "memory", "load1"));
    expect(found).toMatchObject({
      metrics: [infrastructure.metrics.cpu, infrastructure.metrics.memory],
    });
  });

  it("has its own title, else that of what it shows", () => {
    expect(findPick(channels, pick("card", "business", "revenue"))?.title).toBe(
      business.metrics.revenue.title,
    );
    expect(findPick(channels, { ...pick("table", "regions"), title: "Where" })?.title).toBe("Where");
    expect(findPick(channels, pick("table", "regions"))?.title).toBe(regions.title);
  });

  it("is made of a chart of one channel, and of no other", () => {
    const { cpu, memory } = infrastructure.metrics;
    expect(pickOf("line", [cpu, memory], " Usage ")).toEqual({
      ...{ kind: "line", channel: "infrastructure", of: ["cpu", "memory"], title: "Usage" },
    });
    expect(pickOf("line", [cpu, business.metrics.revenue], "Both")).toBeUndefined();
    expect(pickOf("line", Array(MAX_METRICS + 1).fill(cpu), "Many")).toBeUndefined();
  });

  it("of a feed reads as a list", () => {
    expect(listLook(orders.feed)).toEqual({
      ...{ main: "order", details: ["customer", "region", "item"], amount: "amount" },
    });
    expect(listLook(notices.feed)).toEqual({ main: "title", details: ["level", "text"] });
  });
});
