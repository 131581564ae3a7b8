// @vitest-environment jsdom
import { expect, it } from "vitest";
import { MetricCard } from "@/components/cards/metric-card";
import { Gauge } from "@/components/charts/gauge";
import { sales, shelves, shop } from "@/components/gallery/gallery-channels";
import { GalleryStage } from "@/components/gallery/gallery-stage";
import { GALLERY_STATES, galleryState } from "@/components/gallery/gallery-state";
import { GalleryWorld } from "@/components/gallery/gallery-world";
import { ConnectionBar } from "@/components/live/connection-bar";
import { FeedTable } from "@/components/tables/feed-table";
import { LiveTable } from "@/components/tables/live-table";
import { renderLive } from "../support/render-live";

const NOW = Date.UTC(2027, 0, 15, 12);
const WIDGETS = [
  "metric-demo-shop-visitors",
  "gauge-demo-shop-storage",
  "table-demo-shelves",
  "feed-demo-sales",
];
const SAYS = {
  ...{ live: /Live/, late: /Late · 10\ss ago/, stale: /Stale · 30\ss ago/, lost: /Lost · 2\smin ago/ },
  ...{ disconnected: /Last known/, empty: /No data yet/, error: /Live/ },
};

it("an address that names no state shows the live one", () => {
  expect(galleryState("lost")).toBe("lost");
  expect(galleryState("lots")).toBe("live");
  expect(galleryState(undefined)).toBe("live");
});

it("the same time makes the same shop, in the server's HTML and in the browser", () => {
  for (const { name } of GALLERY_STATES)
    expect(new GalleryWorld(name, NOW).page).toEqual(new GalleryWorld(name, NOW).page);
});

it.each(GALLERY_STATES.map(({ name }) => name))(
  "[C7] the widgets come to be %s as on a page: through the client, by frames and silence",
  async (state) => {
    const live = await renderLive(
      <GalleryStage state={state} now={NOW} still about="">
        <MetricCard metric={shop.metrics.visitors} />
        <Gauge metric={shop.metrics.storage} />
        <LiveTable table={shelves.table} empty="" />
        <FeedTable feed={sales.feed} empty="" />
        <ConnectionBar />
      </GalleryStage>,
      { channels: [] },
    );
    await live.advance(2000);
    expect(live.getByTestId("gallery").dataset.played).toBe("true");
    for (const id of WIDGETS) expect(live.getByTestId(id).textContent, id).toMatch(SAYS[state]);
    expect(live.container.textContent).toContain("Demo data");
    const bar = live.queryByTestId("connection-bar")?.textContent;
    if (state === "disconnected") expect(bar).toContain("everything shown is last known");
    else expect(bar).toBeUndefined();
    if (state === "lost") expect(live.getAllByText("The till does not answer").length).toBeGreaterThan(0);
  },
);

it("shows the shop selling second by second while it is live, and no more when it stands still", async () => {
  const open = async (still: boolean) => {
    const live = await renderLive(
      <GalleryStage state="live" now={NOW} still={still} about="">
        <FeedTable feed={sales.feed} empty="" />
      </GalleryStage>,
      { channels: [] },
    );
    const count = () => Number(live.getByTestId("feed-demo-sales").dataset.count);
    const before = count();
    await live.advance(60_000);
    const sold = count() - before;
    live.unmount();
    return sold;
  };
  expect(await open(false)).toBeGreaterThan(3);
  expect(await open(true)).toBe(0);
});
