import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { assess, looksSame } from "@/components/live/channel-freshness";
import { useConnection, useFeed, useFreshness, useMetric, useRows, useSeries } from "@/components/live/hooks";
import { ClientContext, PageContext } from "@/components/live/live-context";
import { createLiveClient } from "@/lib/client/live-client";
import type { PageSnapshot } from "@/lib/shared/protocol";
import type { ChannelState } from "@/lib/shared/state";
import { FakeBrowser } from "../support/fake-browser";
import { FakeRungs } from "../support/fake-rungs";
import { stock, visits } from "../support/live-channels";

const NOW = 1_000_000;
const state = (asOf: number | null, more: Partial<ChannelState> = {}) =>
  ({ kind: "record", asOf, values: { x: 1 }, ts: {}, ...more }) as ChannelState;
const at = (age: number, more: Partial<ChannelState> = {}, isConnected = true) =>
  assess(state(NOW - age, more), NOW, 10_000, isConnected);

describe("a channel's freshness", () => {
  it("[C7] is the server's now less asOf, in the unit in which people read it", () => {
    expect(at(1999)).toMatchObject({ freshness: "live", age: 1000, asOf: NOW - 1999 });
    expect(at(59_999).age).toBe(59_000);
    expect(at(119_999).age).toBe(60_000);
    expect(at(7_199_999).age).toBe(3_600_000);
    expect(at(-5000)).toMatchObject({ freshness: "live", age: 0 });
  });

  it("[C7] is never guessed: unknown without the server's now or a state, empty without data", () => {
    expect(assess(state(5), undefined, 10_000, true)).toMatchObject({ freshness: "unknown", age: undefined });
    expect(assess(undefined, NOW, 10_000, true)).toMatchObject({ freshness: "unknown", age: undefined });
    expect(assess(state(null), NOW, 10_000, true)).toMatchObject({ freshness: "empty", age: null });
  });

  it("[C7] is not called live while the connection is not", () => {
    expect(at(0, {}, false).freshness).toBe("held");
  });

  it("[C7] carries the producer's label and the source's own words", () => {
    expect(at(0, { by: "demo", down: "no answer" })).toMatchObject({ by: "demo", down: "no answer" });
  });

  it("[C6] shows an age at the tick of a second, and other words at once", () => {
    const shown = at(1000);
    expect(looksSame(shown, at(2000), false)).toBe(true);
    expect(looksSame(shown, at(2000), true)).toBe(false);
    expect(looksSame(shown, at(1000), true)).toBe(true);
    for (const next of [
      at(11_000),
      at(1000, { by: "demo" }),
      at(1000, { down: "gone" }),
      at(1000, {}, false),
    ])
      expect(looksSame(shown, next, false)).toBe(false);
  });

  it("[C6] a new reading of the same age changes nothing while live, but the time that is shown otherwise", () => {
    const later = (more: number, isConnected: boolean) =>
      assess(state(NOW - 1000 + more), NOW + more, 10_000, isConnected);
    expect(looksSame(later(0, true), later(400, true), true)).toBe(true);
    expect(looksSame(later(0, false), later(400, false), true)).toBe(false);
  });
});

/** What the hooks gave in the last render. */
let seen: unknown;

function Page(): null {
  seen = {
    metric: useMetric({ channel: "cpu", metric: "x" }),
    other: useMetric({ channel: "unknown", metric: "x" }),
    series: useSeries({ channel: "cpu", metric: "x" }),
    rows: useRows(stock.table),
    feed: useFeed(visits.feed),
    freshness: useFreshness("cpu", 1000),
    status: useConnection().status,
  };
  return null;
}

describe("the hooks in a page's first render", () => {
  const page: PageSnapshot = {
    frame: {
      to: "e.9-0",
      now: NOW,
      snapshot: {
        cpu: state(NOW, { ts: { x: 7 } }),
        stock: { kind: "table", asOf: 1, rows: { a: { left: 3 } } },
        visits: { kind: "feed", asOf: 1, count: 8, keep: 1, items: [{ key: "k", ts: 1, item: { n: 5 } }] },
      },
    },
    series: { cpu: { x: [[7, 1]] } },
  };

  const render = (client?: ReturnType<typeof createLiveClient>) => {
    const tree = createElement(PageContext, { value: page }, createElement(Page));
    renderToStaticMarkup(createElement(ClientContext, { value: client }, tree));
    return seen;
  };

  it("[R2] give exactly what the page came with, and no age, which only the browser can tell", () => {
    expect(render()).toEqual({
      metric: { value: 1, ts: 7 },
      other: {},
      series: [[7, 1]],
      rows: { a: { left: 3 } },
      feed: { items: [{ key: "k", ts: 1, item: { n: 5 } }], count: 8 },
      freshness: { freshness: "unknown", asOf: NOW },
      status: "catching-up",
    });
  });

  it("[R2] hydrate from the page also when the client already knows more", () => {
    const browser = new FakeBrowser();
    new FakeRungs(browser);
    const client = createLiveClient(browser);
    client.seed({ ...page, frame: { ...page.frame, to: "e.10-0", snapshot: { cpu: state(99) } } });
    expect(render(client)).toEqual(render());
  });
});
