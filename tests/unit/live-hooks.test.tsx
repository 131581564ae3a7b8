// @vitest-environment jsdom
import { act } from "@testing-library/react";
import { hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { expect, it } from "vitest";
import { useConnection, useFeed, useFreshness, useMetric, useRows, useSeries } from "@/components/live/hooks";
import { ClientContext, PageContext } from "@/components/live/live-context";
import { gauges, stock, visits } from "../support/live-channels";
import { renderLive } from "../support/render-live";

/** A component for each hook, which writes down what it was given each time that it renders. */
const HOOKS = {
  metric: () => useMetric(gauges.metrics.a),
  series: () => useSeries(gauges.metrics.a),
  rows: () => useRows(stock.table),
  feed: () => useFeed(visits.feed),
  freshness: () => useFreshness(gauges.name, gauges.maxAge),
  connection: () => useConnection().status,
} as const;
type Name = keyof typeof HOOKS;
const NAMES = Object.keys(HOOKS) as Name[];

function Probe({ name, tell }: { name: Name; tell: (name: Name, value: unknown) => void }) {
  const value = HOOKS[name]();
  tell(name, value);
  return <pre data-testid={name}>{JSON.stringify(value)}</pre>;
}

function probes() {
  const seen = Object.fromEntries(NAMES.map((name) => [name, []])) as unknown as Record<Name, unknown[]>;
  const tell = (name: Name, value: unknown) => void seen[name].push(value);
  const ui = NAMES.map((name) => <Probe key={name} name={name} tell={tell} />);
  return { seen, ui };
}

async function open() {
  const { seen, ui } = probes();
  const live = await renderLive(ui, {
    channels: [gauges, stock, visits],
    before: ({ push }) => {
      push(gauges, { a: 1, b: 2 });
      push(stock, { sku: "tea", left: 3 });
      push(visits, { page: "/" });
    },
  });
  /** Which hooks' components have rendered meanwhile. */
  const rendered = async (change: () => Promise<void>) => {
    const before = NAMES.map((name) => seen[name].length);
    await change();
    return NAMES.filter((name, i) => seen[name].length > before[i]!);
  };
  return { live, seen, rendered };
}

it("[C6] a component renders again only when what it reads has changed", async () => {
  const { live, rendered } = await open();
  // Each step takes a second, which makes data older.
  const apartFromAge = async (change: () => Promise<void>) =>
    (await rendered(change)).filter((name) => name !== "freshness");
  expect(await apartFromAge(() => live.push(stock, { sku: "tea", left: 2 }))).toEqual(["rows"]);
  expect(await apartFromAge(() => live.push(visits, { page: "/a" }))).toEqual(["feed"]);
  // Another metric of the channel: this one has the same value, and another reading of it.
  const other = await rendered(() => live.push(gauges, { b: 3 }));
  expect(other).toContain("series");
  expect(other).not.toContain("metric");
  expect(other).not.toContain("rows");
  expect(await rendered(() => live.push(gauges, { a: 4 }))).toEqual(
    expect.arrayContaining(["metric", "series"]),
  );
});

it("[C6] a quiet second makes nobody render but who shows an age", async () => {
  const { live, rendered } = await open();
  expect(await rendered(() => live.advance(3000))).toEqual(["freshness"]);
});

it("[C6] many updates between two frames are one render", async () => {
  const { live, seen, rendered } = await open();
  const before = seen.rows.length;
  await rendered(async () => {
    for (let left = 0; left < 50; left += 1) live.server.publish("stock", { rows: { tea: { left } } });
    await live.advance(100);
  });
  expect(seen.rows.length - before).toBe(1);
  expect(seen.rows.at(-1)).toEqual({ tea: { sku: "tea", left: 49 } });
});

it("[C7] the connection makes those render who tell of it, and no others", async () => {
  const { live, rendered } = await open();
  expect(await rendered(() => live.disconnect())).toEqual(["freshness", "connection"]);
});

it("[R2] the first render in the browser is what the server rendered, though the client knows more by then", async () => {
  const { live } = await open();
  const page = live.server.page(["gauges", "stock", "visits"], true);
  await live.push(gauges, { a: 9 });
  await live.push(visits, { page: "/new" });
  const onServer = probes();
  const html = renderToString(<PageContext value={page}>{onServer.ui}</PageContext>);
  const container = document.body.appendChild(document.createElement("div"));
  container.innerHTML = html;
  const problems: unknown[] = [];
  const inBrowser = probes();
  const tree = (
    <ClientContext value={live.client}>
      <PageContext value={page}>{inBrowser.ui}</PageContext>
    </ClientContext>
  );
  const root = await act(async () =>
    hydrateRoot(container, tree, { onRecoverableError: (error) => problems.push(error) }),
  );
  expect(problems).toEqual([]);
  for (const name of NAMES) expect(inBrowser.seen[name][0], name).toEqual(onServer.seen[name][0]);
  // Then it shows what it knows.
  expect(container.querySelector("[data-testid=metric]")?.textContent).toContain('"value":9');
  act(() => root.unmount());
  container.remove();
});
