import { afterEach, describe, expect, it } from "vitest";
import type { History } from "@/lib/shared/history";
import { type LiveServer, type LiveServerOptions, startLiveServer } from "../support/live-server";
import { eventually } from "../support/live-wait";

let server: LiveServer;
afterEach(() => server.close());

async function start(options: LiveServerOptions = {}) {
  server = await startLiveServer({ archives: true, ...options });
}

async function history(query: string): Promise<History> {
  const response = await server.get(`/api/history?${query}`);
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return response.json();
}

describe("GET /api/history", () => {
  it("[A3] answers what was just stored", async () => {
    await start();
    const now = Date.now();
    await server.append({ ch: "gauges", set: { a: 1 } });
    await server.append({ ch: "gauges", set: { a: 3 } });
    const answer = await eventually(async () => {
      const found = await history(`channel=gauges&metrics=a&from=${now - 60_000}&to=${now + 60_000}`);
      expect(found.metrics.a!.count.reduce((sum, count) => sum + count)).toBe(2);
      return found;
    });
    expect(answer).toMatchObject({ channel: "gauges", step: 500, tier: 0, outages: [] });
    const place = answer.metrics.a!.last.findLastIndex((value) => value !== null);
    expect(answer.metrics.a!.last[place]).toBe(3);
    expect(answer.from + place * answer.step).toBeGreaterThanOrEqual(now - 500);
  });
});
