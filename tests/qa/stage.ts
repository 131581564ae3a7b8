/** What a scenario of the matrix works with, and what it writes down on the way. */
import type { Browser, BrowserContext, Page, TestInfo } from "playwright/test";
import type { Rung } from "@/lib/client/ladder-state";
import { expect } from "@/tests/support/fixtures";
import type { NetworkProxy } from "@/tests/support/network-proxy";
import type { Producer } from "@/tests/support/producer";
import type { NowboardServer } from "@/tests/support/start-server";
import type { Verdict } from "@/tests/support/verdict";
import type { Sight, Witness } from "@/tests/support/witness";

import type { ScenarioFacts } from "./results";

export interface Event {
  /** ms */
  at: number;
  what: string;
}

export interface StageParts {
  page: Page;
  context: BrowserContext;
  browser: Browser;
  network: NetworkProxy;
  nowboard: NowboardServer;
  producer: Producer;
  witness: Witness;
  rung: Rung;
  testInfo: TestInfo;
}

export class Stage {
  readonly page: StageParts["page"];
  readonly context: StageParts["context"];
  readonly browser: StageParts["browser"];
  readonly network: StageParts["network"];
  readonly nowboard: StageParts["nowboard"];
  readonly producer: StageParts["producer"];
  readonly witness: StageParts["witness"];
  readonly rung: StageParts["rung"];
  private readonly testInfo: TestInfo;
  readonly events: Event[] = [];
  injectedAt: number | undefined;
  healedAt: number | undefined;
  screenshot: Buffer | undefined;

  constructor(parts: StageParts) {
    this.page = parts.page;
    this.context = parts.context;
    this.browser = parts.browser;
    this.network = parts.network;
    this.nowboard = parts.nowboard;
    this.producer = parts.producer;
    this.witness = parts.witness;
    this.rung = parts.rung;
    this.testInfo = parts.testInfo;
  }

  mark(what: string, at = Date.now()) {
    this.events.push({ at, what });
  }

  /** The fault begins now. */
  injected(what: string) {
    this.injectedAt ??= Date.now();
    this.mark(`fault: ${what}`);
  }

  /** The fault is real: something other than the page has seen it. */
  proved(what: string, isTrue: boolean) {
    expect(isTrue, `the fault took effect: ${what}`).toBe(true);
    this.mark(`proof: ${what}`);
  }

  /** The fault is over now. */
  healed(what: string) {
    this.healedAt = Date.now();
    this.mark(`healed: ${what}`);
  }

  /** The newest sight of the page. */
  get sight(): Sight | undefined {
    return this.witness.sights.at(-1);
  }

  /** Waits until the page, as a person sees it, is as `expected` says. */
  async until(expected: string, seen: (sight: Sight) => boolean, timeout: number) {
    await expect
      .poll(() => this.sight !== undefined && seen(this.sight), {
        message: expected,
        timeout,
        intervals: [100],
      })
      .toBe(true);
  }

  /** Waits until the page says anything but live, and keeps what it looks like then. */
  async untilNoticed(timeout: number) {
    await this.until(
      "the page says that it is not live",
      ({ word }) => word !== null && word !== "Live",
      timeout,
    );
    await this.capture();
  }

  /** Waits until `more` orders have been acknowledged: time passes in which there is something to miss. */
  async flow(more: number) {
    const { producer } = this;
    const goal = producer.acknowledged + more;
    await expect
      .poll(() => producer.acknowledged, { message: "orders flow", timeout: 60_000 })
      .toBeGreaterThanOrEqual(goal);
  }

  async capture() {
    this.screenshot = await this.page.screenshot({ animations: "disabled" });
  }

  /** What goes into the report. */
  async attach(facts: Omit<ScenarioFacts, "timeline">) {
    const { testInfo } = this;
    await testInfo.attach("scenario", {
      contentType: "application/json",
      body: JSON.stringify({ ...facts, timeline: this.timeline(facts.verdict) }),
    });
    if (this.screenshot)
      await testInfo.attach("worst moment", { contentType: "image/png", body: this.screenshot });
  }

  /** What was done to the page, beside what it said and did. */
  private timeline({ recoverMs }: Verdict): Event[] {
    const said: Event[] = [];
    let before: Sight | undefined;
    for (const sight of this.witness.sights) {
      const asleepMs = before ? sight.from - before.until : 0;
      if (asleepMs > 1500)
        said.push({ at: sight.from, what: `page: awake after ${(asleepMs / 1000).toFixed(1)} s` });
      if (sight.word !== before?.word || sight.transport !== before?.transport) {
        const words =
          sight.word === null
            ? "shows no connection"
            : [sight.word, sight.transport].filter(Boolean).join(" · ");
        said.push({ at: sight.from, what: `page: ${words}` });
      }
      if (sight.bar && !before?.bar) said.push({ at: sight.from, what: `page: “${sight.bar}”` });
      before = sight;
    }
    const first = this.healedAt && this.firstUpdateAfter(this.healedAt);
    if (first) said.push({ at: first, what: "page: first update after it" });
    if (this.healedAt && recoverMs !== null)
      said.push({ at: this.healedAt + recoverMs, what: "page: live with everything" });
    return [...this.events, ...said].sort((a, b) => a.at - b.at);
  }

  private firstUpdateAfter(at: number): number | undefined {
    const before = this.witness.sights.findLast((sight) => sight.from <= at && sight.orders.length > 0)
      ?.orders[0];
    return this.witness.sights.find(({ from, orders }) => from > at && (orders[0] ?? 0) > (before ?? 0))
      ?.from;
  }
}
