/**
 * The matrix's faults. Each is injected for real, checks that it took effect, and says what a person must see.
 * `row` is the fault's number in the project's list of faults.
 */
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "playwright/test";
import type { Rung } from "@/lib/client/ladder-state";
import { expect } from "@/tests/support/fixtures";
import type { Faults, Tampering } from "@/tests/support/network-proxy-faults";
import type { ProducerOptions } from "@/tests/support/producer";
import type { Sight } from "@/tests/support/witness";
import { awayTooLong, serverDown } from "./faults-of-history";
import { herd, slowViewer } from "./faults-of-load";
import { stopRenderers } from "./renderers";
import type { Stage } from "./stage";

export interface Fault {
  row: string;
  name: string;
  title: string;
  /** Where it makes sense. */
  rungs: readonly Rung[];
  /** The page says something other than live within this, ms. Without it, it may pass unnoticed. */
  noticeMs?: number;
  /** The page may go on saying live for so long, ms; `noticeMs` by default. */
  graceMs?: number;
  /** Live with everything within this after the end of the fault, ms. */
  recoverMs: number;
  /** The rung on which the page is afterwards, when it is not the one before. */
  lands?: Rung;
  /** It happens while the page loads: set before the page is opened. */
  atLoad?: (stage: Stage) => void;
  /** What the network does while the page loads, without harm to it. */
  whileLoading?: Partial<Faults>;
  /** Needs a server that the test may kill or stall. */
  needsOwnServer?: boolean;
  /** Short and certain enough for every `npm test`. */
  fast?: boolean;
  path?: string;
  /** How orders are sent, unless as usual. */
  produce?: Pick<ProducerOptions, "everyMs" | "batch" | "padding">;
  run(stage: Stage): Promise<void>;
}

const ALL: readonly Rung[] = ["socket", "sse", "long-poll", "poll"];
const HELD: readonly Rung[] = ["socket", "sse", "long-poll"];

const cannotFetch = async ({ page }: Stage) =>
  page.evaluate(() =>
    fetch("/healthz", { signal: AbortSignal.timeout(1000) }).then(
      () => false,
      () => true,
    ),
  );

const offline: Fault = {
  row: "1",
  name: "offline",
  title: "the device goes offline and comes back",
  rungs: ALL,
  noticeMs: 2000,
  recoverMs: 5000,
  fast: true,
  async run(stage) {
    const { context, network } = stage;
    await context.setOffline(true);
    // An EventSource that is open survives Chromium's own switch.
    network.set({ network: "stall" });
    stage.injected("offline, and no packet passes");
    await stage.untilNoticed(5000);
    stage.proved("a request of the page fails", await cannotFetch(stage));
    await stage.until("since when", ({ bar }) => /offline since \d\d:\d\d:\d\d/.test(bar ?? ""), 3000);
    await stage.capture();
    await stage.flow(60);
    network.set({ network: "pass" });
    await context.setOffline(false);
    stage.healed("online");
  },
};

const sleepAndWake: Fault = {
  row: "2",
  name: "sleep",
  title: "the laptop sleeps and wakes, its connections dead without having closed",
  rungs: ALL,
  recoverMs: 3000,
  fast: true,
  async run(stage) {
    const { browser, network, witness } = stage;
    const { connectionsCut } = network.counts;
    const wake = await stopRenderers(browser);
    try {
      const before = witness.sights.at(-1)!.until;
      stage.injected("the page's processes are stopped");
      network.sleep();
      await sleep(500);
      // Shorter than a connection may be silent: only waking up can tell.
      await stage.flow(100);
      await sleep(5000);
      stage.proved("the page did nothing", witness.sights.at(-1)!.until - before < 1000);
      const isSilent = network.counts.connectionsSilenced > 0;
      const isCut = network.counts.connectionsCut > connectionsCut;
      // A poll may have been answered just before; its connection is idle then, and is closed instead.
      const isHeld = stage.rung === "socket" || stage.rung === "sse";
      stage.proved("its connections are dead", isSilent || (!isHeld && isCut));
    } finally {
      wake();
    }
    stage.healed("awake");
    const due = stage.producer.acknowledged;
    const isHonest = ({ from, word, list, orders: [newest = 0] }: Sight) =>
      from > stage.healedAt! && (word !== "Live" || !list || newest >= due);
    await stage.until("it says that it is behind, or is not", isHonest, 3000);
    await stage.capture();
  },
};

const addressChange: Fault = {
  row: "4",
  name: "address-change",
  title: "the network changes, and with it the viewer's address",
  rungs: ALL,
  recoverMs: 5000,
  async run(stage) {
    const { network } = stage;
    network.set({ from: "127.0.0.2" });
    network.cutOpen();
    stage.injected("all connections are reset; new ones come from 127.0.0.2");
    await stage.capture();
    stage.healed("new connections work");
    await expect.poll(() => network.counts.fromElsewhere, { timeout: 15_000 }).toBeGreaterThan(0);
    stage.proved("connections come from the new address", true);
    await stage.flow(40);
  },
};

const halfOpen: Fault = {
  row: "5",
  name: "half-open",
  title: "packets are dropped both ways, and nobody is told",
  rungs: ALL,
  noticeMs: 15_000,
  recoverMs: 25_000,
  async run(stage) {
    const { network } = stage;
    network.silenceOpen();
    stage.injected("the open connections pass nothing any more");
    await stage.untilNoticed(20_000);
    stage.proved("connections are half-open", network.counts.connectionsSilenced > 0);
    stage.healed("new connections have worked all the time");
  },
};

/** Faults that the page meets while it loads, and what it is to do then: be live one rung lower within 3 s. */
const blockedSocket = (how: "mute" | "refuse" | "notFound", title: string): Fault => ({
  row: how === "mute" ? "6" : "8",
  name: `websocket-${how}`,
  title,
  rungs: ["socket"],
  recoverMs: 3000,
  lands: "sse",
  fast: how !== "notFound",
  atLoad: ({ network }) => network.set({ websocket: how }),
  async run(stage) {
    const { network, page } = stage;
    const { counts } = network;
    const seen = how === "mute" ? () => counts.upgradesMuted : () => counts.upgradesRefused;
    stage.proved("the proxy met upgrades", seen() > 0);
    await stage.capture();
    await stage.flow(20);
    await page.reload();
    const before = seen();
    stage.mark("the page is opened again");
    await stage.until(
      "live at once on the rung that worked",
      ({ word, transport }) => word === "Live" && transport === "SSE",
      10_000,
    );
    stage.proved("no upgrade was tried first", seen() === before);
    await expect
      .poll(seen, { message: "the upgrade is probed again", timeout: 30_000 })
      .toBeGreaterThan(before);
    stage.mark("an upgrade is probed again");
  },
});

const lostRung = (
  rung: Rung,
  name: string,
  title: string,
  lands: Rung,
  block: (stage: Stage) => () => boolean,
): Fault => ({
  row: rung === "socket" ? "8" : "9",
  name,
  title,
  rungs: [rung],
  noticeMs: 15_000,
  recoverMs: 40_000,
  lands,
  async run(stage) {
    const isBlocked = block(stage);
    stage.injected(title);
    await stage.untilNoticed(20_000);
    stage.healed("the rungs below have worked all the time");
    await stage.until(`live on ${lands}`, ({ word }) => word === "Live", 45_000);
    stage.proved("the proxy met the rung", isBlocked());
    await stage.flow(40);
  },
});

const portal: Fault = {
  row: "7",
  name: "captive-portal",
  title: "a captive portal answers every request with its own page",
  rungs: ALL,
  noticeMs: 5000,
  recoverMs: 31_000,
  async run(stage) {
    const { network, page } = stage;
    const address = page.url();
    const shown = stage.sight!.orders[0] ?? 0;
    network.set({ network: "portal" });
    stage.injected("200 with HTML for everything");
    await stage.until("it says offline", ({ word }) => word === "Offline", 60_000);
    await stage.capture();
    stage.proved("the portal answered", network.counts.portalAnswers > 3);
    expect(page.url()).toBe(address);
    expect(stage.sight!.orders[0] ?? 0).toBeGreaterThanOrEqual(shown);
    network.set({ network: "pass" });
    stage.healed("the terms are accepted");
  },
};

const idleCut = (seconds: number): Fault => ({
  row: "10",
  name: `idle-cut-${seconds}`,
  title: `a proxy cuts connections that are idle for ${seconds} s`,
  rungs: HELD,
  recoverMs: 5000,
  path: "/business",
  async run(stage) {
    const { network, producer, witness } = stage;
    const goOn = producer.pause();
    network.set({ cutIdleAfter: seconds * 1000 });
    // It must read, else it would not see that it was cut.
    const idle = connect(network.port, "127.0.0.1").on("error", () => {});
    idle.resume();
    stage.injected(`nothing happens for ${seconds} s`);
    const from = Date.now();
    const closed = new Promise((resolve) => idle.once("close", resolve));
    await Promise.race([closed, sleep((seconds + 10) * 1000)]);
    stage.proved(
      "an idle connection beside the page's was cut",
      idle.destroyed && network.counts.idleCut > 0,
    );
    await sleep(2000);
    const since = witness.sights.filter(({ until }) => until >= from);
    const words = new Set(since.map(({ word, transport }) => `${word} · ${transport}`));
    expect([...words], "no flapping").toHaveLength(1);
    stage.healed("orders come again");
    goOn();
    await stage.flow(20);
  },
});

/** What Next asks for when a link is followed, and what it fetches ahead. */
const isPageRequest = (url: URL) => url.searchParams.has("_rsc");

const navigation: Fault = {
  row: "11a",
  name: "navigation",
  title: "the viewer moves between pages with other channels while orders flow",
  rungs: ALL,
  recoverMs: 5000,
  async run(stage) {
    const { page } = stage;
    const go = async (name: string) => {
      await page.getByRole("link", { name, exact: true }).click();
      await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
      stage.mark(`the viewer opens ${name}`);
      await stage.flow(20);
    };
    await page.evaluate(() => Object.assign(window, { sameDocument: true }));
    stage.injected("the viewer leaves the page");
    await stage.capture();
    // A page that was rendered two seconds ago, while the orders on it went on.
    await page.route(isPageRequest, async (route) => {
      const response = await route.fetch();
      await sleep(2000);
      await route.fulfill({ response });
    });
    await go("Business");
    await page.unroute(isPageRequest);
    for (const name of ["Infrastructure", "Business", "Database", "Overview", "API", "Overview"])
      await go(name);
    // Back and forward within the document: the router may give pages that it rendered a while ago.
    await page.evaluate(() => history.go(-2));
    await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
    await stage.flow(20);
    stage.healed("the viewer is back");
    stage.proved("no page was loaded anew", await page.evaluate(() => "sameDocument" in window));
  },
};

/** Away and back by the browser's own button: with and without its back/forward cache. */
const back = (cached: boolean, title: string): Fault => ({
  row: "12",
  name: cached ? "bfcache" : "back",
  title,
  rungs: ALL,
  recoverMs: 8000,
  fast: cached,
  whileLoading: cached ? { storable: true } : {},
  async run(stage) {
    const { page, network, witness } = stage;
    if (cached) stage.proved("the browser may keep the page", network.counts.madeStorable > 0);
    stage.injected("the viewer follows a link to elsewhere");
    await page.evaluate(() => location.assign("/healthz"));
    await page.waitForURL("**/healthz");
    await stage.flow(100);
    await page.evaluate(() => history.back());
    stage.healed("back");
    await stage.until(
      "the page is there again",
      ({ from, word }) => from > stage.healedAt! && word !== null,
      10_000,
    );
    stage.proved(`it came ${cached ? "" : "not "}from the cache`, witness.wasRestored === cached);
  },
});

const lateScripts: Fault = {
  row: "14",
  name: "late-scripts",
  title: "scripts arrive 10 s after the HTML, while orders flow",
  rungs: ALL,
  recoverMs: 10_000,
  fast: true,
  atLoad: ({ network }) => network.set({ scripts: "hold" }),
  async run(stage) {
    const { network } = stage;
    await stage.until("the numbers are in the HTML", ({ orders }) => orders.length > 0, 10_000);
    const shown = stage.sight!.orders[0];
    await sleep(10_000);
    await stage.capture();
    stage.proved("scripts were held back", network.counts.scriptsHeld > 0);
    stage.proved("the page stood still meanwhile", stage.sight!.orders[0] === shown);
    network.set({ scripts: "pass" });
    stage.healed("scripts arrive");
  },
};

/** Found by a random run: the charts stayed without their canvas for good. */
const lostCode: Fault = {
  row: "14",
  name: "lost-code",
  title: "code that comes after the page gets lost, and the connection with it",
  rungs: ["socket", "sse"],
  recoverMs: 10_000,
  fast: true,
  atLoad: () => {},
  async run(stage) {
    const { page, network, nowboard } = stage;
    const html = await (await fetch(nowboard.url)).text();
    const scripts = (text: string) => text.match(/_next\/static\/[^"'\\]+\.js/g) ?? [];
    const first = new Set(scripts(html));
    let lost = 0;
    await page.route(/_next\/static\/.*\.js/, (route) => {
      if (scripts(route.request().url()).every((script) => first.has(script))) return route.continue();
      lost += 1;
      return route.abort();
    });
    await page.goto("/");
    await expect.poll(() => lost, { timeout: 20_000 }).toBeGreaterThan(0);
    await stage.flow(60);
    stage.proved("code got lost", lost > 0);
    await page.unroute(/_next\/static\/.*\.js/);
    network.cutOpen();
    stage.healed("everything arrives");
  },
};

/** Who polls may meet the new server without having missed the old one. */
const kill9 = (rungs: readonly Rung[], noticeMs?: number): Fault => ({
  row: "15",
  name: "kill-9",
  title: "the server is killed with SIGKILL and started again at once",
  rungs,
  noticeMs,
  recoverMs: 7000,
  needsOwnServer: true,
  fast: true,
  async run(stage) {
    const { nowboard } = stage;
    const { pid } = nowboard;
    await nowboard.kill9();
    stage.injected("kill -9");
    // From here on it counts: nobody can be back before the server is.
    stage.healed("the server is started again");
    const restarted = nowboard.restart();
    if (noticeMs) await stage.untilNoticed(5000);
    await restarted;
    stage.proved("another process answers", nowboard.pid !== pid);
    stage.mark("the server is ready again");
  },
});

const stalledServer: Fault = {
  row: "17",
  name: "stalled-server",
  title: "the server's event loop stands still",
  rungs: ALL,
  noticeMs: 25_000,
  recoverMs: 40_000,
  needsOwnServer: true,
  async run(stage) {
    const { nowboard } = stage;
    nowboard.stall();
    try {
      stage.injected("SIGSTOP");
      const signal = AbortSignal.timeout(2000);
      const answer = await fetch(`${nowboard.url}/healthz`, { signal }).catch(() => null);
      stage.proved("the server answers nobody", answer === null);
      await stage.untilNoticed(26_000);
    } finally {
      nowboard.resume();
    }
    stage.healed("SIGCONT");
    await stage.flow(50);
  },
};

const frameFault = (how: Tampering, row: string, title: string): Fault => ({
  row,
  name: `frame-${how}`,
  title,
  rungs: ["socket", "sse"],
  recoverMs: 5000,
  fast: true,
  async run(stage) {
    const { network } = stage;
    stage.injected(how === "drop" ? "frames vanish" : "frames arrive twice");
    for (let i = 1; i <= 5; i++) {
      network.tamper(how);
      if (i === 5) await stage.capture();
      await expect.poll(() => network.counts.framesTampered, { timeout: 10_000 }).toBe(i);
      await stage.flow(10);
    }
    stage.healed("all frames arrive once");
    stage.proved("5 frames were tampered with", network.counts.framesTampered === 5);
  },
});

const hidden: Fault = {
  row: "3",
  name: "hidden",
  title: "the page is in the background for longer than it stays connected",
  rungs: ALL,
  recoverMs: 3000,
  async run(stage) {
    const { network, page, rung } = stage;
    // Under Playwright a page is always in front, so it is told what a browser would tell it.
    await setVisibility(page, "hidden");
    stage.injected("the page is told that it is hidden");
    const isOpen = () => network.open("websocket") + network.open("sse");
    if (rung === "socket" || rung === "sse") stage.proved("it is connected", isOpen() === 1);
    const heap = await heapBytes(page);
    await sleep(62_000);
    const before = network.counts.requests;
    await sleep(10_000);
    stage.proved(
      "it parked: nothing is open or asked for",
      isOpen() === 0 && network.counts.requests === before,
    );
    const shown = stage.sight!.orders[0]!;
    const due = stage.producer.acknowledged;
    const held = (await heapBytes(page)) - heap;
    await setVisibility(page, "visible");
    stage.healed("in front again");
    const isOther = ({ from, orders: [newest = 0] }: Sight) => from > stage.healedAt! && newest > shown;
    await stage.until("it shows what came meanwhile", isOther, 10_000);
    const next = stage.witness.sights.find(isOther)!;
    expect(next.orders[0], "one repaint brings everything").toBeGreaterThanOrEqual(due);
    expect(held, "a hidden page gathers nothing").toBeLessThan(5 * 1024 * 1024);
  },
};

/** After a garbage collection. */
async function heapBytes(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return usedSize;
}

async function setVisibility(page: Page, state: "hidden" | "visible") {
  await page.evaluate((value) => {
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => value });
    Object.defineProperty(document, "hidden", { configurable: true, get: () => value === "hidden" });
    document.dispatchEvent(new Event("visibilitychange"));
  }, state);
}

export const FAULTS: readonly Fault[] = [
  offline,
  sleepAndWake,
  hidden,
  addressChange,
  halfOpen,
  blockedSocket("mute", "a proxy accepts the WebSocket and then says nothing"),
  blockedSocket("refuse", "a proxy refuses the upgrade with 403"),
  blockedSocket("notFound", "a proxy knows no upgrade and answers 404"),
  lostRung(
    "socket",
    "websocket-lost",
    "upgrades are refused from now on, and the open socket is cut",
    "sse",
    ({ network }) => {
      network.set({ websocket: "refuse" });
      return () => network.counts.upgradesRefused > 0;
    },
  ),
  lostRung("sse", "sse-buffered", "a proxy buffers event streams", "long-poll", ({ network }) => {
    network.set({ sse: "buffer" });
    return () => network.counts.sseBuffered > 0;
  }),
  lostRung("sse", "sse-compressed", "a proxy compresses event streams", "long-poll", ({ network }) => {
    network.set({ sse: "gzip" });
    return () => network.counts.sseCompressed > 0;
  }),
  lostRung("long-poll", "held-cut", "a proxy cuts requests that are held", "poll", ({ network }) => {
    network.set({ cutHeldAfter: 0 });
    return () => network.counts.heldCut > 1;
  }),
  portal,
  idleCut(30),
  idleCut(60),
  navigation,
  back(true, "the viewer leaves and comes back through the back/forward cache"),
  back(false, "the viewer leaves and comes back, and the page is loaded anew"),
  lateScripts,
  lostCode,
  kill9(HELD, 2000),
  kill9(["poll"]),
  stalledServer,
  slowViewer,
  herd,
  frameFault("drop", "F3", "a frame gets lost on the way, and the connection goes on"),
  frameFault("repeat", "F3", "a frame arrives twice"),
  awayTooLong,
  serverDown,
];
