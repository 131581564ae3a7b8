import { beforeEach, describe, expect, it } from "vitest";
import { type HistoryRequest, historyLoader, historyUrl, type LoadEvents } from "@/lib/client/history-loader";
import type { History } from "@/lib/shared/history";
import { FakeBrowser } from "@/tests/support/fake-browser";

const request: HistoryRequest = {
  channel: "host",
  metrics: ["cpu", "load"],
  from: 1000.5,
  to: 2000,
  points: 600,
};
const history: History = {
  channel: "host",
  from: 1000,
  to: 2000,
  step: 1000,
  tier: 0,
  until: 2000,
  metrics: {},
  outages: [],
};

let browser: FakeBrowser;
let asked: string[];
let answers: (() => Promise<Response>)[];
let loaded: History[][];
let failures: { message: string; retries: boolean }[];

beforeEach(() => {
  browser = new FakeBrowser();
  asked = [];
  answers = [];
  loaded = [];
  failures = [];
  browser.fetch = (url, { signal }) => {
    asked.push(url);
    const answer = answers.shift();
    return (
      answer?.() ??
      new Promise((_, reject) => signal?.addEventListener("abort", () => reject(new Error("aborted"))))
    );
  };
});

const events: LoadEvents = {
  loaded: (histories) => void loaded.push(histories),
  failed: (message, retries) => void failures.push({ message, retries }),
};
const load = (requests = [request]) => historyLoader(browser)(() => requests, events);
const ok = (body: unknown = history) => Promise.resolve(Response.json(body));
const problem = (status: number, code: string) =>
  Promise.resolve(Response.json({ code, detail: `said ${code}` }, { status }));

describe("loading history", () => {
  it("asks for whole milliseconds, and tells all answers at once", async () => {
    answers = [() => ok(), () => ok()];
    load([request, { ...request, channel: "other" }]);
    await browser.advance(0);
    expect(asked[0]).toBe("/api/history?channel=host&metrics=cpu%2Cload&from=1000&to=2000&points=600");
    expect(asked[0]).toBe(historyUrl(request));
    expect(loaded).toEqual([[history, history]]);
  });

  it("makes one request of what several charts ask of a channel at once", async () => {
    answers = [() => ok()];
    const loadHistory = historyLoader(browser);
    const cancel = loadHistory(() => [request], events);
    loadHistory(() => [{ ...request, metrics: ["disk"] }], events);
    cancel();
    await browser.advance(0);
    expect(asked).toEqual([
      "/api/history?channel=host&metrics=cpu%2Cload%2Cdisk&from=1000&to=2000&points=600",
    ]);
    expect(loaded).toHaveLength(1);
  });

  it("[C2] tries again with growing pauses until there is an answer", async () => {
    answers = Array.from({ length: 6 }, () => () => problem(503, "history_unavailable"));
    load();
    await browser.advance(0);
    expect(failures).toEqual([{ message: "said history_unavailable", retries: true }]);
    const pauses: number[] = [];
    let last = browser.monoTime;
    while (asked.length < 6) {
      const before = asked.length;
      await browser.advance(10);
      if (asked.length > before) {
        pauses.push(browser.monoTime - last);
        last = browser.monoTime;
      }
    }
    for (const [i, pause] of pauses.entries()) {
      expect(pause).toBeLessThanOrEqual(500 * 2 ** (i + 1) + 10);
      if (i > 0) expect(pause).toBeGreaterThan(pauses[i - 1]!);
    }
    answers = [() => ok()];
    await browser.advance(30_000);
    expect(loaded).toHaveLength(1);
    await browser.advance(60_000);
    expect(asked).toHaveLength(7);
  });

  it("gives up what the server finds wrong with the question", async () => {
    answers = [() => problem(400, "invalid_range")];
    load();
    await browser.advance(120_000);
    expect(failures).toEqual([{ message: "said invalid_range", retries: false }]);
    expect(asked).toHaveLength(1);
  });

  it("takes nothing for history that is none, and no portal's word for final", async () => {
    answers = [
      () => Promise.resolve(new Response("<html>", { headers: { "Content-Type": "text/html" } })),
      () => ok({ channel: 1 }),
      () => Promise.resolve(new Response("<html>", { status: 404 })),
    ];
    load();
    await browser.advance(10_000);
    expect(failures.map(({ retries }) => retries)).toEqual([true, true, true]);
    expect(loaded).toEqual([]);
  });

  it("gives up an answer that does not come", async () => {
    load();
    await browser.advance(14_000);
    expect(failures).toEqual([]);
    await browser.advance(2000);
    expect(failures).toEqual([{ message: "The server could not be reached", retries: true }]);
  });

  it("[C3] waits with the next attempt until somebody looks and there is a network", async () => {
    answers = [() => problem(503, "history_unavailable"), () => ok()];
    load();
    await browser.fire("hidden");
    await browser.advance(60_000);
    expect(asked).toHaveLength(1);
    expect(browser.wakeUps).toBe(0);
    await browser.fire("offline");
    await browser.fire("visible");
    expect(asked).toHaveLength(1);
    await browser.fire("online");
    await browser.advance(0);
    expect(loaded).toHaveLength(1);
  });

  it("asks nothing more once it is given up", async () => {
    answers = [() => problem(503, "history_unavailable")];
    const cancel = load();
    await browser.advance(0);
    cancel();
    await browser.advance(60_000);
    expect(asked).toHaveLength(1);
    expect(browser.wakeUps).toBe(0);
  });
});
