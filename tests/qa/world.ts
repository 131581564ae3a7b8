/** One run of random steps: a server, a network and a browser of its own, and a page that is watched. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, BrowserContext, Page } from "playwright/test";
import { type NetworkProxy, startNetworkProxy } from "@/tests/support/network-proxy";
import { showsAll } from "@/tests/support/page-state";
import { type Producer, startProducer } from "@/tests/support/producer";
import { type NowboardServer, startServer } from "@/tests/support/start-server";
import { type Grace, judge, type Verdict } from "@/tests/support/verdict";
import { type Witness, watchPage } from "@/tests/support/witness";
import { stopRenderers } from "./renderers";
import type { Step } from "./steps";

/** A page has this long to notice a fault that says nothing, ms. */
const NOTICE_MS = 15_000;
/** A slow link makes what is live so much older, ms. */
const SLOW_LINK_MS = 3000;
/** A whole mix, from opening the page to the verdict, must come to its end within this, ms. */
const MIX_MS = 300_000;
/** How long a page may take to be whole again once nothing disturbs it, ms. */
const SETTLE_MS = 90_000;
/** An action that does not come to its end on a broken network is left, ms. */
const ACTION_MS = 3000;
const STEP_MS = 60_000;
/** A page that does not answer by then is still being loaded. */
const LOOK_MS = 10_000;

/** What nobody tells the page. */
const SILENT: ReadonlySet<Step["kind"]> = new Set([
  "network",
  "half-open",
  "tamper",
  "stall-server",
  "sleep",
]);

export class World {
  private readonly graces: Grace[] = [];

  private constructor(
    private readonly browser: Browser,
    private readonly context: BrowserContext,
    private readonly server: NowboardServer,
    private readonly network: NetworkProxy,
    private readonly producer: Producer,
    private readonly page: Page,
    private readonly witness: Witness,
    private readonly errors: string[],
  ) {}

  /** Opens a page on a world of its own, does the steps, and says what a person would have seen by the end. */
  static async run(
    browser: Browser,
    seed: number,
    mix: readonly Step[],
  ): Promise<Verdict & { errors: string[] }> {
    const server = await startServer();
    const network = await startNetworkProxy(server.port);
    const context = await browser.newContext({
      baseURL: network.url,
      locale: "en-GB",
      viewport: { width: 1440, height: 900 },
    });
    const producer = startProducer(server, { everyMs: 60, seed });
    try {
      context.setDefaultTimeout(ACTION_MS);
      const errors: string[] = [];
      context.on("weberror", (error) => {
        const text = String(error.error());
        // A portal's page in the place of a script is no script.
        if (!(network.counts.portalAnswers > 0 && text.includes("Unexpected token '<'"))) errors.push(text);
      });
      const page = await context.newPage();
      const witness = await watchPage(page);
      const world = new World(browser, context, server, network, producer, page, witness, errors);
      const late = sleep(MIX_MS, undefined, { ref: false }).then(() => {
        throw new Error("the mix did not come to its end");
      });
      return await Promise.race([world.live(mix), late]);
    } finally {
      await producer.stop().catch(() => {});
      await context.close();
      await network.close();
      await server.close();
    }
  }

  private async live(mix: readonly Step[]): Promise<Verdict & { errors: string[] }> {
    while (this.producer.acknowledged < 5) await sleep(20);
    await this.page.goto("/", { timeout: 20_000 });
    for (const step of mix) await this.take(step);
    return this.settle();
  }

  /** Does one step; a step that never ends is a fault of this kit. */
  private async take(step: Step): Promise<void> {
    const limit = sleep(STEP_MS, "late" as const, { ref: false });
    if ((await Promise.race([this.perform(step), limit])) === "late")
      throw new Error(`the step “${step.kind}” did not come to its end`);
  }

  private async perform(step: Step): Promise<void> {
    if (SILENT.has(step.kind)) this.graces.push({ from: Date.now() - NOTICE_MS, ms: 2 * NOTICE_MS });
    const { page, network, server } = this;
    switch (step.kind) {
      case "wait":
        return void (await sleep(step.ms));
      case "orders":
        return this.producer.burst(step.count);
      case "network":
        return network.set(step.faults);
      case "clear":
        return network.clear();
      case "cut-open":
        return network.cutOpen();
      case "half-open":
        // Idle ones are reset: a browser that loads a page over one of them waits for ever, and nobody tests that.
        return network.sleep();
      case "tamper":
        return network.tamper(step.how);
      case "offline":
        // Playwright waits here for a load that may never end.
        await this.attempt(() => this.context.setOffline(true));
        await sleep(step.ms);
        return this.attempt(() => this.context.setOffline(false));
      case "sleep":
        return this.sleep(step.ms);
      case "kill-9":
        await server.kill9();
        return server.restart();
      case "restart":
        return server.restart();
      case "stall-server":
        server.stall();
        await sleep(step.ms);
        return server.resume();
      case "visit":
        return this.attempt(() => page.getByRole("link", { name: step.page, exact: true }).click());
      case "history":
        return this.attempt(() => page.evaluate((by) => history.go(by), step.by));
      case "reload":
        return this.attempt(() => page.reload());
      case "leave-and-return":
        await this.attempt(() => page.goto(`${server.url}/healthz`));
        await sleep(500);
        return this.attempt(() => page.evaluate(() => history.back()));
      case "second-tab": {
        const tab = await this.context.newPage();
        await this.attempt(() => tab.goto("/business"));
        await sleep(1500);
        return this.attempt(() => tab.close());
      }
    }
  }

  /** Ends all faults, goes to the first page, and says what a person would have seen by then. */
  private async settle(): Promise<Verdict & { errors: string[] }> {
    const { network, page, producer, witness } = this;
    network.clear();
    await this.attempt(() => this.context.setOffline(false));
    const healedAt = Date.now();
    const link = page.getByRole("link", { name: "Overview", exact: true });
    // A page that was loaded without a network is the browser's own; a person would load it again.
    const isOpen = async () => (await link.isVisible()) && (await witness.isThere());
    if (await Promise.race([isOpen().catch(() => false), sleep(LOOK_MS, false)])) await link.click();
    else await this.openAgain();
    await producer.stop();
    await showsAll(page, producer, SETTLE_MS);
    await sleep(500);
    const drawn = await witness.drawn("chart-revenue");
    const verdict = judge({
      acknowledged: producer,
      sights: witness.sights,
      drawn,
      healedAt,
      graces: this.graces,
      slackMs: SLOW_LINK_MS,
    });
    return { ...verdict, errors: this.errors };
  }

  /** A load that is still on its way may get in between; a person would try again. */
  private async openAgain(): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return void (await this.page.goto("/", { timeout: 20_000 }));
      } catch (error) {
        if (tries === 5) throw error;
        await sleep(1000);
      }
    }
  }

  private async sleep(ms: number): Promise<void> {
    const wake = await stopRenderers(this.browser);
    await sleep(ms);
    wake();
  }

  /** A person who clicks on a broken network does not wait for ever, and goes on. */
  private async attempt(action: () => Promise<unknown>): Promise<void> {
    await Promise.race([action().catch(() => {}), sleep(ACTION_MS)]);
  }
}

/** What is wrong with a verdict, in words; empty when nothing is. */
export function faultsOf(verdict: Verdict & { errors: string[] }): string[] {
  const found: string[] = [];
  for (const name of ["missing", "doubled", "disordered"] as const)
    if (verdict[name] > 0) found.push(`${verdict[name]} ${name}`);
  for (const { forMs, behindMs } of verdict.dishonest)
    found.push(`said live for ${forMs} ms while ${behindMs} ms behind`);
  if (verdict.recoverMs === null) found.push("never live with everything again");
  return [...found, ...verdict.errors];
}
