// @vitest-environment jsdom
import { fireEvent } from "@testing-library/react";
import { useState } from "react";
import { expect, it } from "vitest";
import { DemoChip } from "@/components/shell/demo-chip";
import { type Channel, defineChannel } from "@/lib/shared/define-channel";
import { type Live, renderLive } from "../support/render-live";

const common = { cadence: 1000, maxAge: 5000, filledBy: "ingest" } as const;
const stock = defineChannel({
  ...{ ...common, kind: "record", name: "stock", title: "Stock" },
  metrics: { left: { title: "Left", unit: "count" } },
});
const till = defineChannel({
  ...{ ...common, kind: "record", name: "till", title: "Till" },
  metrics: { sum: { title: "Sum", unit: "count" } },
});
const DEMO = { by: "demo" };

const said = (live: Live) => live.queryByTestId("demo-chip")?.title;

it("says which of a page's channels the demo fills, as soon as it does", async () => {
  const live = await renderLive(<DemoChip channels={[stock, till]} />, {
    channels: [stock, till],
    before: ({ push }) => push(stock, { left: 1 }),
  });
  expect(said(live)).toBeUndefined();
  await live.push(till, { sum: 1 }, DEMO);
  expect(said(live)).toBe("Not real: Till. These numbers come from the demo.");
  await live.push(stock, { left: 2 }, DEMO);
  expect(said(live)).toContain("Stock, Till");
  await live.push(stock, { left: 3 });
  await live.push(till, { sum: 2 });
  expect(said(live)).toBeUndefined();
});

function Board() {
  const [channels, setChannels] = useState<readonly Channel[]>([stock]);
  return (
    <>
      <button type="button" onClick={() => setChannels([till, stock])}>
        Add
      </button>
      <button type="button" onClick={() => setChannels([till])}>
        Remove
      </button>
      <DemoChip channels={channels} />
    </>
  );
}

it("follows the channels of a page that gets and loses some, as a board does", async () => {
  const live = await renderLive(<Board />, { channels: [stock, till] });
  await live.push(stock, { left: 1 }, DEMO);
  await live.push(till, { sum: 1 }, DEMO);
  expect(said(live)).toContain("real: Stock.");
  fireEvent.click(live.getByText("Add"));
  expect(said(live)).toContain("real: Till, Stock.");
  await live.push(till, { sum: 2 });
  expect(said(live)).toContain("real: Stock.");
  fireEvent.click(live.getByText("Remove"));
  expect(said(live)).toBeUndefined();
  await live.push(till, { sum: 3 }, DEMO);
  expect(said(live)).toContain("real: Till.");
});
