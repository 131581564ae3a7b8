// @vitest-environment jsdom
import { expect, it } from "vitest";
import { useFreshness, useMetric } from "@/components/live/hooks";
import { defineChannel } from "@/lib/shared/define-channel";
import { renderLive } from "../support/render-live";

const stock = defineChannel({
  ...{ kind: "record", name: "stock", title: "Stock" },
  ...{ cadence: 1000, maxAge: 5000, filledBy: "ingest" },
  metrics: { left: { title: "Left in stock", unit: "count" } },
});

function LeftInStock() {
  const { value } = useMetric(stock.metrics.left);
  const { freshness } = useFreshness(stock.name, stock.maxAge);
  return <p role="status">{freshness === "live" ? value : `${value}, or so`}</p>;
}

it("[C7] says how many are left, and when that may be wrong", async () => {
  const live = await renderLive(<LeftInStock />, {
    channels: [stock],
    before: ({ push }) => push(stock, { left: 12 }),
  });
  const shown = () => live.getByRole("status").textContent;
  expect(shown()).toBe("12");

  await live.push(stock, { left: 11 });
  expect(shown()).toBe("11");

  await live.advance(6000);
  expect(shown()).toBe("11, or so");

  await live.disconnect();
  await live.push(stock, { left: 10 });
  expect(shown()).toBe("11, or so");
  await live.reconnect();
  expect(shown()).toBe("10");
});
