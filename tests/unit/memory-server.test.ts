import { expect, it } from "vitest";
import { ManualBrowser } from "@/lib/client/in-memory/manual-browser";
import { MemoryServer } from "@/lib/client/in-memory/memory-server";
import { defineChannel } from "@/lib/shared/define-channel";

const stock = defineChannel({
  ...{ kind: "record", name: "stock", title: "Stock" },
  ...{ cadence: 1000, maxAge: 5000, filledBy: "ingest" },
  metrics: { left: { title: "Left", unit: "count" }, sold: { title: "Sold", unit: "count" } },
});

it("a server in memory keeps a bounded log, and what its channels hold", () => {
  const browser = new ManualBrowser();
  const server = new MemoryServer({ wall: browser.wall, after: browser.elsewhere }, [stock]);
  server.publish("stock", { set: { sold: 7 } });
  for (let left = 1; left <= 10_000; left++) server.publish("stock", { set: { left } });
  expect(server.state("stock")).toMatchObject({ values: { left: 10_000, sold: 7 } });
  const { series } = server.page(["stock"], true);
  expect(series.stock!.left!.at(-1)![1]).toBe(10_000);
  expect(series.stock!.left!.length).toBeLessThanOrEqual(4000);
});
