import { request } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { contentOf, idOf } from "../support/live-log";
import { type LiveServer, type LiveServerOptions, startLiveServer } from "../support/live-server";

const KEY = "correct-horse-battery";

let server: LiveServer;
afterEach(() => server.close());

async function start(perSecond: number, options: LiveServerOptions = {}) {
  server = await startLiveServer({ ...options, env: { NOWBOARD_INGEST_PER_SECOND: String(perSecond) } });
}

/** A post of so many updates from an address of this machine. */
function post(
  updates: number,
  options: { from?: string; headers?: Record<string, string>; type?: string } = {},
) {
  const { from = "127.0.0.1", headers = {}, type = "json" } = options;
  const list = Array.from({ length: updates }, (_, a) => ({ a }));
  const body = type === "json" ? JSON.stringify(list) : list.map((one) => JSON.stringify(one)).join("\n");
  return new Promise<{ status: number; retryAfter: string | undefined; text: string }>((resolve, reject) => {
    const sent = request(
      `${server.url}/api/ingest/gauges`,
      { method: "POST", localAddress: from, headers: { "Content-Type": `application/${type}`, ...headers } },
      (answer) => {
        let text = "";
        answer.on("data", (chunk) => {
          text += chunk;
        });
        answer.on("end", () =>
          resolve({ status: answer.statusCode!, retryAfter: answer.headers["retry-after"], text }),
        );
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

describe("ingest", () => {
  it("[H4] takes so many updates a second from one address, and says when to come back", async () => {
    await start(10);
    const from = server.runtime.hub.cursor;
    expect((await post(19)).status).toBe(202);
    // What is left is one, and a body that holds more still passes, once.
    expect((await post(300)).status).toBe(202);
    const refused = await post(1);
    expect(refused.status).toBe(429);
    expect(JSON.parse(refused.text)).toMatchObject({ code: "rate_limited", retryAfter: expect.any(Number) });
    expect(Number(refused.retryAfter)).toBeGreaterThan(20);
    expect(Number(refused.retryAfter)).toBeLessThanOrEqual(31);
    expect((await post(1, { from: "127.0.0.2" })).status).toBe(202);
    expect(await contentOf(server.log, idOf(from))).toHaveLength(320);
  });

  it("[H4] counts by key where there is one, wherever it is sent from", async () => {
    await start(5, { ingestKey: KEY });
    const headers = { Authorization: `Bearer ${KEY}` };
    expect((await post(100, { headers })).status).toBe(202);
    expect((await post(1, { headers, from: "127.0.0.2" })).status).toBe(429);
    // A wrong key is told so, and takes nothing from the right one.
    expect((await post(1, { headers: { Authorization: "Bearer wrong" } })).status).toBe(401);
  });

  it("[H4] refuses before it reads the body", async () => {
    await start(1);
    await post(50);
    const answer = await new Promise<number>((resolve) => {
      const sent = request(
        `${server.url}/api/ingest/gauges`,
        { method: "POST", headers: { "Content-Type": "application/json", "Content-Length": "1000" } },
        (response) => resolve(response.statusCode!),
      );
      sent.on("error", () => {});
      sent.write("[");
    });
    expect(answer).toBe(429);
  });

  it("[H4] lets no more than one body through beyond the rate, however many come at once", async () => {
    await start(1);
    const answers = await Promise.all(Array.from({ length: 30 }, () => post(300)));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(29);
  });

  it("[H4] slows a long upload down instead of refusing it", async () => {
    await start(400);
    const started = performance.now();
    const { status, text } = await post(1600, {
      type: "x-ndjson",
      headers: { "Transfer-Encoding": "chunked" },
    });
    const groups = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(status).toBe(200);
    expect(groups.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(1600);
    // 800 at once; the last group of up to 500 may be ahead of its time.
    expect(performance.now() - started).toBeGreaterThan(700);
  });

  it("[H4] counts a long upload by what of it is in memory, so that others can send beside it", async () => {
    await start(1_000_000);
    const upload = request(`${server.url}/api/ingest/gauges`, {
      method: "POST",
      headers: { "Content-Type": "application/x-ndjson", "Content-Length": String(1024 ** 4) },
    });
    upload.on("error", () => {});
    const reported = new Promise((resolve) =>
      upload.on("response", (answer) => answer.once("data", resolve)),
    );
    upload.write('{"a":1}\n');
    await reported;
    expect((await post(1)).status).toBe(202);
    upload.destroy();
  });

  it("[H4] does not let the bodies that are under way fill the memory", async () => {
    await start(1_000_000);
    const sent = Array.from({ length: 400 }, () => {
      const length = String(1024 * 1024);
      const post = request(`${server.url}/api/ingest/gauges`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "Content-Length": length },
      });
      post.on("error", () => {});
      post.write("[");
      return post;
    });
    const statusOf = (post: (typeof sent)[number]) =>
      new Promise<number>((resolve) => post.on("response", ({ statusCode }) => resolve(statusCode!)));
    expect(await Promise.race(sent.map(statusOf))).toBe(503);
    for (const post of sent) post.destroy();
    await expect.poll(async () => (await post(1)).status, { timeout: 10_000 }).toBe(202);
  });
});
