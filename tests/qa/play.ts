import type { Browser, BrowserContext, Page, TestInfo } from "playwright/test";
import type { Rung } from "@/lib/client/ladder-state";
import { expect } from "@/tests/support/fixtures";
import type { NetworkProxy } from "@/tests/support/network-proxy";
import { NETWORK_FOR, NO_FAULTS } from "@/tests/support/network-proxy-faults";
import { expectLive, expectProgress, showsAll } from "@/tests/support/page-state";
import type { Producer, ProducerOptions } from "@/tests/support/producer";
import type { NowboardServer } from "@/tests/support/start-server";
import { type Evidence, judge, type Verdict } from "@/tests/support/verdict";
import { witnessOf } from "@/tests/support/witness";
import type { Fault } from "./faults";
import { judgeFigures } from "./figure-verdict";
import { chartOf, expectAsServer, type Subject } from "./page-subject";
import { Stage } from "./stage";

const RUNG_WORDS: Record<Rung, string> = {
  socket: "WebSocket",
  sse: "SSE",
  "long-poll": "Long-poll",
  poll: "Polling",
};
/** A poll comes this often. */
const POLL_MS = 5000;
/** What busy machines may take longer than a person should wait, ms. */
const SLACK_MS = 3000;
const SETTLE_MS = 30_000;
/** A chart has drawn what the card shows within this, ms. */
const CHART_MS = 10_000;
const EVERY_MS = 50;
/** So many orders come after the fault: that it is over must show. */
const AFTERWARDS = 50;

export interface PlayParts {
  page: Page;
  context: BrowserContext;
  browser: Browser;
  network: NetworkProxy;
  nowboard: NowboardServer;
  produce: (options: ProducerOptions) => Producer;
  /** What is watched where the page does not show the orders. */
  subject?: Subject;
}

/** What a scenario looks at. */
interface Look {
  /** Waits until the page, live before the fault, shows what is sent. */
  begin(): Promise<void>;
  /** Gives the page time to show the last of it. */
  end(): Promise<void>;
  judge(evidence: Omit<Evidence, "acknowledged" | "sights" | "drawn">): Promise<Verdict>;
  /** So much there must be to judge. */
  atLeast: number;
}

/** Plays one fault on one rung, from a live page to a live page, and holds what was seen to the acknowledgements. */
export async function play(
  fault: Fault,
  rung: Rung,
  { produce, subject, ...parts }: PlayParts,
  testInfo: TestInfo,
): Promise<void> {
  const { page } = parts;
  const witness = witnessOf(page);
  const figures = subject?.figure && { channel: subject.figure.channel, metrics: [subject.figure.metric] };
  const producer = produce({ everyMs: EVERY_MS, ...fault.produce, figures });
  const stage = new Stage({ ...parts, producer, witness, rung, testInfo });
  const look = subject ? lookAt(stage, subject) : lookAtOrders(stage);
  const lands = fault.lands ?? rung;
  let verdict: Verdict | undefined;
  try {
    await open(stage, fault, look);
    await fault.run(stage);
    await expect
      .poll(() => stage.sight?.transport, { message: `it is on ${lands}`, timeout: SETTLE_MS })
      .toBe(RUNG_WORDS[lands]);
    const acknowledged = await settle(stage, look);
    stage.mark(`all ${acknowledged} orders are acknowledged; the page was given time to show them`);
  } finally {
    if (!stage.screenshot) await stage.capture().catch(() => {});
    const { injectedAt } = stage;
    verdict = await look.judge({
      injectedAt,
      healedAt: stage.healedAt,
      graces: injectedAt ? [{ from: injectedAt, ms: fault.graceMs ?? fault.noticeMs ?? 0 }] : [],
    });
    await stage.attach({ fault: fault.name, row: fault.row, title: fault.title, rung, verdict });
  }
  expect(verdict).toMatchObject({ missing: 0, doubled: 0, disordered: 0, dishonest: [] });
  expect(verdict.expected).toBeGreaterThanOrEqual(look.atLeast);
  expect(verdict.recoverMs).toBeLessThanOrEqual(
    fault.recoverMs + (lands === "poll" ? POLL_MS : 0) + SLACK_MS,
  );
  if (fault.noticeMs !== undefined) expect(verdict.noticeMs).toBeLessThanOrEqual(fault.noticeMs + SLACK_MS);
}

/** Opens the page on the network of the rung: live before the fault, or with the fault while it loads. */
async function open(stage: Stage, { atLoad, path = "/", lands, whileLoading }: Fault, look: Look) {
  const { network, page, rung, producer } = stage;
  network.set({ ...NO_FAULTS, ...NETWORK_FOR[rung], ...whileLoading });
  await expect.poll(() => producer.acknowledged, { message: "orders are accepted" }).toBeGreaterThan(5);
  if (atLoad) {
    atLoad(stage);
    stage.injected("while the page loads");
    if (lands) stage.healed("the rungs below work");
    await page.goto(path, { waitUntil: "commit" });
    if (lands) await expectLive(page, lands);
    return;
  }
  await page.goto(path);
  await expectLive(page, rung);
  await look.begin();
  stage.mark(`live on ${rung}`);
}

/** Lets some more orders come, stops them, and gives the page time to show the last of them; how many were acknowledged. */
async function settle(stage: Stage, look: Look): Promise<number> {
  const { producer, page } = stage;
  await expectLive(page);
  await stage.flow(AFTERWARDS);
  const acknowledged = await producer.stop();
  await look.end();
  // It must not be a passing moment: nothing comes on top.
  await page.waitForTimeout(300);
  return acknowledged;
}

/** The list of orders, their card and their chart: on Overview and Business. */
function lookAtOrders({ page, producer, witness }: Stage): Look {
  return {
    atLeast: 51,
    begin: () => expectProgress(page, 10),
    end: async () => void (await showsAll(page, producer, SETTLE_MS)),
    async judge(evidence) {
      const drawn = await witness.drawn("chart-revenue").catch(() => []);
      return judge({ ...evidence, acknowledged: producer, sights: witness.sights, drawn });
    },
  };
}

/** A card whose number is posted, and the chart that draws it; on other pages what the connection says. */
function lookAt(stage: Stage, subject: Subject): Look {
  const { page, producer, witness, nowboard } = stage;
  let chart: string | undefined;
  const find = async () => {
    chart = await chartOf(subject, producer, witness);
    return chart;
  };
  return {
    atLeast: subject.figure ? 6 : 0,
    async begin() {
      if (!subject.figure) return;
      await expect.poll(() => producer.figures.length, { timeout: 30_000 }).toBeGreaterThanOrEqual(3);
      const shown = () => producer.figures.some(({ n }) => n === stage.sight?.card);
      await expect.poll(shown, { message: "the card shows what was posted" }).toBe(true);
      if (subject.charts.length > 0)
        await expect
          .poll(find, { timeout: CHART_MS })
          .toBeDefined()
          .catch(() => {});
      stage.mark(chart ? `${chart} draws what was posted` : "no chart draws what was posted");
    },
    async end() {
      const last = producer.figures.at(-1)?.n;
      if (subject.figure)
        await expect
          .poll(() => stage.sight?.card, { timeout: SETTLE_MS })
          .toBe(last)
          .catch(() => {});
      await expectAsServer(page, nowboard.url);
    },
    async judge(evidence) {
      const drawn = chart ? await witness.drawn(chart).catch(() => []) : undefined;
      const { figures } = subject.figure ? producer : { figures: [] };
      return judgeFigures({
        ...evidence,
        acknowledged: { orders: [], figures },
        sights: witness.sights,
        drawn,
      });
    },
  };
}
