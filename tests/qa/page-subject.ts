/** What there is to look at on a page of which nothing is known. */
import type { Page } from "playwright/test";
import { channels } from "@/lib/channels/registry";
import type { MetricRef } from "@/lib/shared/define-channel";
import type { ChannelState } from "@/lib/shared/state";
import { expect } from "@/tests/support/fixtures";
import type { Acknowledged } from "@/tests/support/producer";
import type { Witness } from "@/tests/support/witness";

export interface Subject {
  /** The card whose number is watched: numbers are posted to its metric. None where all cards are filled by sources. */
  figure?: { channel: string; metric: string; testId: string };
  /** Charts, by their test ids. */
  charts: readonly string[];
}

/** Where the list of orders, its card and its chart are, they are what is watched. */
const ORDERS = ["feed-orders", "metric-business-orders", "chart-revenue"];

/** Looks at a page's HTML: its numbers are there before any script runs. `undefined` for a page that shows the orders. */
export async function subjectOf(url: string): Promise<Subject | undefined> {
  const html = await (await fetch(url)).text();
  const testIds = [...html.matchAll(/data-testid="([\w-]+)"/g)].map(([, id]) => id!);
  if (ORDERS.every((id) => testIds.includes(id))) return undefined;
  const posted = channels.flatMap((channel) =>
    channel.kind === "record" && channel.filledBy === "ingest" ? Object.values(channel.metrics) : [],
  );
  const testIdOf = ({ channel, metric }: MetricRef) => `metric-${channel}-${metric}`;
  const watched = posted.find((metric) => isCountable(metric) && testIds.includes(testIdOf(metric)));
  return {
    ...(watched && {
      figure: { channel: watched.channel, metric: watched.metric, testId: testIdOf(watched) },
    }),
    charts: testIds.filter((id) => id.startsWith("chart-")),
  };
}

/** Whether a card shows any whole number as it is. */
function isCountable({ unit, digits, min = 0, max }: MetricRef): boolean {
  const isPlain = unit === "none" || unit === "count" || (unit === "currency" && digits === 0);
  return isPlain && (digits ?? 0) === 0 && min <= 0 && max === undefined;
}

/** The chart whose line has all these figures, if there is one by now. */
export async function chartOf({ charts }: Subject, { figures }: Acknowledged, witness: Witness) {
  for (const testId of charts) {
    const values = (await witness.drawn(testId)).map(Math.round);
    if (figures.length > 0 && figures.every(({ n }) => values.includes(n))) return testId;
  }
  return undefined;
}

interface Shown {
  id: string;
  value: string;
}

/** Waits until every card and feed of the page shows what the server has; what is filled by sources goes on meanwhile. */
export async function expectAsServer(page: Page, url: string): Promise<void> {
  const names = channels.map(({ name }) => name).join(",");
  const differences = async () => {
    const answer = await fetch(`${url}/api/live/snapshot?channels=${names}`);
    const { snapshot } = await answer.json();
    const shown: Shown[] = await page
      .locator("[data-testid^=metric-], [data-testid^=feed-]")
      .evaluateAll((all) =>
        all.map((element) => ({
          id: element.getAttribute("data-testid")!,
          value: element.getAttribute("data-value") ?? element.getAttribute("data-count") ?? "",
        })),
      );
    return shown.filter(({ id, value }) => {
      const expected = expectedOf(id, snapshot);
      return expected !== undefined && String(expected ?? "") !== value;
    });
  };
  await expect.poll(differences, { message: "cards and feeds show what the server has" }).toEqual([]);
}

/** What the server has for a card or a feed; `undefined` for what is neither. */
function expectedOf(id: string, snapshot: Record<string, ChannelState>): number | null | undefined {
  for (const channel of channels) {
    const state = snapshot[channel.name];
    if (channel.kind === "feed" && id === `feed-${channel.name}`)
      return state?.kind === "feed" ? state.count : null;
    if (channel.kind !== "record") continue;
    const metric = Object.keys(channel.metrics).find((name) => id === `metric-${channel.name}-${name}`);
    if (metric !== undefined) return state?.kind === "record" ? (state.values[metric] ?? null) : null;
  }
  return undefined;
}
