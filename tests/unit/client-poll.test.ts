import { expect, it } from "vitest";
import { pollTransport } from "@/lib/client/transports/poll";
import type { Frame } from "@/lib/shared/protocol";
import { FakeBrowser } from "../support/fake-browser";

it("[T7] a long poll of which every channel is denied asks once a second, not in a hot loop", async () => {
  const browser = new FakeBrowser();
  const frame: Frame = { to: "e.9-0", snapshot: {}, denied: ["cpu"], now: 1 };
  const urls: string[] = [];
  const fetch = async (url: string) => {
    urls.push(url);
    await new Promise((resolve) => setImmediate(resolve));
    return Response.json(frame);
  };
  const transport = pollTransport({ fetch, after: browser.after, held: true })({
    // Without a channel that may be read there is no cursor, so the server answers at once.
    subscription: () => ({ channels: ["cpu"], sub: 1 }),
    pollMs: () => 5000,
    frame: () => {},
    alive: () => {},
    failed: () => {},
  });
  for (let second = 0; second < 5; second += 1) {
    for (let turn = 0; turn < 20; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      await browser.advance(50);
    }
  }
  transport.close();
  expect(urls.length).toBeGreaterThan(3);
  expect(urls.length).toBeLessThanOrEqual(7);
  expect(urls[0]).toBe("/api/live/poll?channels=cpu");
});
