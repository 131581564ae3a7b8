import { gzipSync } from "node:zlib";
import { expect, test } from "@/tests/support/fixtures";

/** First-load JavaScript of the Overview page, compressed: at most this many bytes. */
const BUDGET = 200_000;

test("the Overview page needs at most 200 kB of JavaScript before it is live", async ({ nowboard }) => {
  const html = await (await fetch(nowboard.url)).text();
  // A `nomodule` script is for browsers that this page does not support, and no other loads it.
  const scripts = [...html.matchAll(/<script\b[^>]*\bsrc="([^"]+)"[^>]*>/g)].filter(
    ([tag]) => !/nomodule/i.test(tag),
  );
  const sources = [...new Set(scripts.map(([, src]) => src!))];
  expect(sources.length).toBeGreaterThan(3);
  const sizes = await Promise.all(
    sources.map(
      async (src) =>
        gzipSync(Buffer.from(await (await fetch(new URL(src, nowboard.url))).arrayBuffer())).length,
    ),
  );
  const total = sizes.reduce((sum, size) => sum + size, 0);
  console.log(`first-load JavaScript of the Overview page: ${total} bytes gzip`);
  expect(total).toBeLessThanOrEqual(BUDGET);
});
