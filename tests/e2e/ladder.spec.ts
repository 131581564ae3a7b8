import type { Rung } from "@/lib/client/ladder-state";
import { expect, test } from "@/tests/support/fixtures";
import type { Faults, ProxyCounts } from "@/tests/support/network-proxy-faults";
import { connection, expectLive, expectNothingMissed, expectProgress } from "@/tests/support/page-state";

/** What stands in the way of all rungs above, and the count that shows that it did. */
const BLOCKS: { rung: Rung; name: string; faults: Partial<Faults>; proof: keyof ProxyCounts }[] = [
  {
    rung: "sse",
    name: "upgrades are refused",
    faults: { websocket: "refuse" },
    proof: "upgradesRefused",
  },
  {
    rung: "sse",
    name: "upgrades are accepted and then nothing comes",
    faults: { websocket: "mute" },
    proof: "upgradesMuted",
  },
  {
    rung: "long-poll",
    name: "event streams are refused as well",
    faults: { websocket: "notFound", sse: "refuse" },
    proof: "sseRefused",
  },
  {
    rung: "long-poll",
    name: "event streams are buffered",
    faults: { websocket: "refuse", sse: "buffer" },
    proof: "sseBuffered",
  },
  {
    rung: "long-poll",
    name: "event streams are never answered",
    faults: { websocket: "refuse", sse: "hold" },
    proof: "sseHeld",
  },
  {
    rung: "poll",
    name: "held requests are cut",
    faults: { websocket: "refuse", cutHeldAfter: 0 },
    proof: "heldCut",
  },
];

for (const { rung, name, faults, proof } of BLOCKS)
  test(`[C1][T8] when ${name}, the page lives on ${rung}, and climbs back without a gap`, async ({
    page,
    network,
    produce,
  }) => {
    const producer = produce(100);
    network.set(faults);
    await page.goto("/business");
    await expectLive(page, rung);
    expect(network.counts[proof]).toBeGreaterThan(0);
    expect(network.open("websocket")).toBe(0);
    await expectProgress(page, 20);

    network.clear();
    await expectLive(page, "socket", 45_000);
    expect(network.open("websocket")).toBe(1);
    expect(network.open("sse")).toBe(0);
    await expectProgress(page, 10);
    await expectNothingMissed(page, producer);
  });

test("[C1] a page whose transports are taken away one by one goes down the ladder and misses nothing", async ({
  page,
  network,
  produce,
}) => {
  const producer = produce(100);
  await page.goto("/business");
  await expectLive(page, "socket");
  expect(network.open("websocket")).toBe(1);

  network.set({ websocket: "refuse" });
  expect(network.counts.connectionsCut).toBe(1);
  await expectLive(page, "sse");
  await expectProgress(page, 10);

  network.set({ sse: "refuse" });
  expect(network.counts.connectionsCut).toBe(2);
  await expectLive(page, "long-poll");
  expect(network.counts.heldPollsSeen).toBeGreaterThan(0);
  await expectProgress(page, 10);

  network.set({ cutHeldAfter: 0 });
  await expectLive(page, "poll", 40_000);
  expect(network.counts.heldCut).toBeGreaterThan(1);
  await expectProgress(page, 60);

  network.clear();
  await expectLive(page, "socket", 60_000);
  await expectNothingMissed(page, producer);
  const gaps = await page.evaluate(() => window.__nowboard!.ledger());
  expect(gaps.length).toBeGreaterThanOrEqual(3);
  expect(gaps.every((gap) => gap.healed === "replay")).toBe(true);
});

test("[C1] a viewer who fixes the transport stays on it, over a reload too, until it is given free", async ({
  page,
  network,
  produce,
}) => {
  const producer = produce(100);
  await page.goto("/business");
  await expectLive(page, "socket");
  const choose = async (choice: string) => {
    await connection(page).click();
    await page.getByTestId("transport-choice").selectOption(choice);
    await page.keyboard.press("Escape");
  };
  await choose("poll");
  await expectLive(page, "poll");
  await expect.poll(() => network.open("websocket")).toBe(0);
  const upgrades = network.counts.upgradesSeen;
  await page.reload();
  await expectLive(page, "poll");
  await expectProgress(page, 60);
  expect(network.counts.upgradesSeen).toBe(upgrades);
  await choose("auto");
  await expectLive(page, "socket");
  await expectNothingMissed(page, producer);
});

test("[C1] what worked last is tried first on the next visit", async ({ page, network, publish }) => {
  await publish("business", { orders: 1 });
  network.set({ websocket: "refuse" });
  await page.goto("/business");
  await expectLive(page, "sse");
  const refused = network.counts.upgradesRefused;
  expect(refused).toBeGreaterThan(0);
  await page.reload();
  await expectLive(page, "sse");
  expect(network.counts.upgradesRefused).toBe(refused);
});
