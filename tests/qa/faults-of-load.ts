/** Faults that are about many viewers or slow ones: what one does must not reach the others. */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { expect } from "@/tests/support/fixtures";
import { expectLive } from "@/tests/support/page-state";
import type { Acknowledged } from "@/tests/support/producer";
import { type Sight, watchPage } from "@/tests/support/witness";
import type { Fault } from "./faults";

const MB = 1024 * 1024;
const STALL_MS = 30_000;
const VIEWERS = 1000;

export const slowViewer: Fault = {
  row: "19",
  name: "slow-viewer",
  title: "one viewer reads nothing for 30 s at 100 updates/s; the others must not notice",
  rungs: ["socket", "sse"],
  noticeMs: 15_000,
  recoverMs: 15_000,
  needsOwnServer: true,
  // 2 kB each: more than the buffers on the way can hide.
  produce: { everyMs: 100, batch: 10, padding: "x".repeat(1900) },
  async run(stage) {
    const { browser, network, nowboard, producer } = stage;
    const others = await browser.newPage({ baseURL: nowboard.url, locale: "en-GB" });
    const witness = await watchPage(others);
    await others.goto("/");
    await expectLive(others);
    const calmFrom = Date.now();
    await stage.flow(500);
    const before = residentBytes(nowboard.pid);
    const startedAt = Date.now();
    network.set({ network: "stall" });
    stage.injected("this viewer reads nothing more");
    // A socket is left alone when 256 kB are on their way; a stream fills the buffers of the way first.
    const heldAtLeast = stage.rung === "socket" ? 200_000 : 900_000;
    await expect.poll(() => network.held, { timeout: 15_000 }).toBeGreaterThan(heldAtLeast);
    stage.proved("the server could not get rid of its frames", true);
    await stage.untilNoticed(20_000);
    await sleep(STALL_MS - (Date.now() - startedAt));
    const endedAt = Date.now();
    const growth = residentBytes(nowboard.pid) - before;
    network.set({ network: "pass" });
    stage.healed("it reads again");
    await others.close();
    const calm = lags(producer, witness.sights, calmFrom, startedAt);
    const busy = lags(producer, witness.sights, startedAt, endedAt);
    stage.mark(`the others were p99 ${p99(calm)} ms behind before, ${p99(busy)} ms meanwhile`);
    // Its heap breathes by more than this viewer could hold: that it takes none is proved with a collector at hand.
    stage.mark(
      `the server's resident memory moved by ${(growth / MB).toFixed(1)} MB (see [H3] in tests/integration)`,
    );
    expect(p99(busy)).toBeLessThan(p99(calm) + 1000);
  },
};

/** How long each order took from its acknowledgement to the screen, in a stretch of time, ms. */
function lags({ orders }: Acknowledged, sights: readonly Sight[], from: number, to: number): number[] {
  let i = 0;
  const found: number[] = [];
  for (const { n, at } of orders) {
    if (at < from || at >= to) continue;
    while (i < sights.length && (sights[i]!.orders[0] ?? 0) < n) i++;
    // What was never shown is as late as the end of the stretch makes it.
    found.push(i < sights.length ? Math.max(0, sights[i]!.from - at) : to - at);
  }
  return found;
}

function p99(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? Number.NaN;
}

function residentBytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1];
  return Number(kilobytes) * 1024;
}

export const herd: Fault = {
  row: "20",
  name: "herd",
  title: `${VIEWERS} viewers lose their connection at once and all come back`,
  rungs: ["socket", "sse"],
  recoverMs: 10_000,
  needsOwnServer: true,
  async run(stage) {
    const { network, nowboard } = stage;
    const viewers = Array.from({ length: VIEWERS }, () => new HerdViewer(nowboard.port));
    try {
      await Promise.all(viewers.map((viewer) => viewer.connect()));
      stage.mark(`${VIEWERS} others are connected`);
      for (const viewer of viewers) viewer.cut();
      network.cutOpen();
      stage.injected("everybody is cut off");
      await stage.capture();
      await stage.flow(5);
      stage.healed("everybody may come back");
      const startedAt = Date.now();
      await Promise.all(viewers.map((viewer) => viewer.connect()));
      stage.mark(`all others are back after ${Date.now() - startedAt} ms`);
      stage.proved(
        "each other viewer reads on where it was",
        viewers.every((viewer) => viewer.wentOn),
      );
      expect(await memoryShare(nowboard.url, Date.now())).toBe(100);
      stage.mark("memory answered all catch-ups of the last minute");
    } finally {
      for (const viewer of viewers) viewer.cut();
    }
  },
};

/** The share of the last minute's catch-ups that memory answered, %, from a reading after `since`. */
async function memoryShare(url: string, since: number): Promise<number> {
  let share: number | undefined;
  const read = async () => {
    const answer = await fetch(`${url}/api/live/snapshot?channels=database`);
    const { asOf, values } = (await answer.json()).snapshot.database;
    share = values.cacheHits;
    return asOf;
  };
  await expect.poll(read, { timeout: 15_000 }).toBeGreaterThan(since);
  if (typeof share !== "number") throw new Error("there is no share of catch-ups from memory");
  return share;
}

/** A bare Socket.IO client: it subscribes, remembers its cursor, and reads on from there. */
class HerdViewer {
  private ws: WebSocket | undefined;
  private cursor: string | undefined;
  /** Whether the first frame of the last connection followed on the cursor. */
  wentOn = true;

  constructor(private readonly port: number) {}

  /** Resolves with the first frame. */
  connect(): Promise<void> {
    const ws = new WebSocket(`ws://127.0.0.1:${this.port}/socket.io/?EIO=4&transport=websocket`);
    this.ws = ws;
    const asked = this.cursor;
    return new Promise((resolve, reject) => {
      ws.on("error", reject);
      ws.on("close", () => reject(new Error("a viewer of the herd was cut off before its first frame")));
      ws.on("message", (data) => {
        const text = data.toString();
        const channels = ["business", "orders"];
        if (text.startsWith("0")) ws.send(`40${JSON.stringify({ subscribe: { channels, cursor: asked } })}`);
        if (text === "2") ws.send("3");
        if (!text.startsWith('42["frame",')) return;
        const frame = JSON.parse(text.slice(2))[1];
        if (this.cursor === asked) this.wentOn = asked === undefined || frame.from === asked;
        this.cursor = frame.to;
        resolve();
      });
    });
  }

  cut() {
    this.ws?.terminate();
  }
}
