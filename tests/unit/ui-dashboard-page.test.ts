import { expect, it, vi } from "vitest";
import { DashboardPage } from "@/app/(dashboard)/dashboard-page";
import type { Channel } from "@/lib/shared/define-channel";
import { gauges, stock } from "../support/live-channels";

// The runtime and Next's request are not here.
vi.mock("@/app/_server/page-range", () => ({ setPageRange: () => {} }));
vi.mock("@/app/_server/live", () => ({
  readPage: async (channels: Channel[]) => ({
    frame: { to: "e.1-0", snapshot: Object.fromEntries(channels.map(({ name }) => [name, {}])), now: 1 },
    series: {},
  }),
}));

const PAGE = { title: "T", searchParams: Promise.resolve({}) };
const slow = { ...gauges, cadence: 60_000 };
const slower = { ...stock, cadence: 90_000 };

it("[C1] a page polls as often as its fastest channel has news, and can fix its transport", async () => {
  const { props } = await DashboardPage({ ...PAGE, channels: [slower, slow], children: null });
  expect(props).toMatchObject({
    cadence: 60_000,
    page: { frame: { snapshot: { gauges: {}, stock: {}, notices: {}, annotations: {} } } },
  });
  expect(props.transport).toBeUndefined();
  const fixed = await DashboardPage({ ...PAGE, channels: [slow], transport: "poll", children: null });
  expect(fixed.props).toMatchObject({ cadence: 60_000, transport: "poll" });
});
