import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { retryAfterMs, sendPost } from "@/lib/demo/sender";

const POST = { channel: "orders", body: '[{"order":"1"}]', key: "demo-1" };
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

interface Seen {
  url?: string;
  headers: IncomingMessage["headers"];
  body: string;
}

/** A server that gives one answer after the other. */
async function serve(...answers: ((response: ServerResponse) => void)[]) {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    seen.push({ url: request.url, headers: request.headers, body });
    (answers[seen.length - 1] ?? answers.at(-1)!)(response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { seen, url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`) };
}

const answer =
  (status: number, body: object, headers = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(status, headers).end(JSON.stringify(body));
const accepted = answer(202, { accepted: 1, cursor: "e.1-0" });

function options(url: URL, more = {}) {
  const trouble: string[] = [];
  const signal = new AbortController().signal;
  return {
    url,
    signal,
    random: () => 0.001,
    onTrouble: (why: string) => trouble.push(why),
    trouble,
    ...more,
  };
}

it("[T5] repeats a post with the same key until it is stored, also when the answer was lost", async () => {
  const { url, seen } = await serve(
    answer(503, { code: "log_busy", detail: "The log is busy" }),
    (response) => response.socket?.destroy(),
    answer(503, { code: "unknown_outcome" }),
    accepted,
  );
  const sender = options(url, { ingestKey: "secret" });
  await sendPost(POST, sender);
  expect(seen).toHaveLength(4);
  for (const { url: path, headers, body } of seen) {
    expect([path, body]).toEqual(["/api/ingest/orders", POST.body]);
    expect(headers).toMatchObject({
      authorization: "Bearer secret",
      "content-type": "application/json",
      "idempotency-key": "demo-1",
      "nowboard-producer": "demo",
    });
  }
  expect(sender.trouble).toEqual(["The log is busy"]);
});

it("[T6] gives up on a refusal that no repetition changes, and says why", async () => {
  const { url, seen } = await serve(answer(401, { code: "unauthorized", detail: "A valid key is needed" }));
  await expect(sendPost(POST, options(url))).rejects.toThrow(
    "The server refused a post to orders: A valid key is needed",
  );
  expect(seen).toHaveLength(1);
});

it("[T6] treats a code that it does not know by its status", async () => {
  const { url, seen } = await serve(
    answer(429, {}),
    answer(500, { code: "new" }),
    answer(418, { code: "new" }),
  );
  await expect(sendPost(POST, options(url))).rejects.toThrow("HTTP status 418");
  expect(seen).toHaveLength(3);
});

it("waits at least as long as Retry-After asks", async () => {
  const { url } = await serve(answer(503, { code: "overloaded" }, { "Retry-After": "1" }), accepted);
  const start = performance.now();
  await sendPost(POST, options(url));
  expect(performance.now() - start).toBeGreaterThanOrEqual(990);
});

it("reads Retry-After in both its forms, and nothing of what is neither", () => {
  expect(retryAfterMs("7", 0)).toBe(7000);
  expect(retryAfterMs("Sat, 18 Jul 2026 12:00:30 GMT", Date.UTC(2026, 6, 18, 12))).toBe(30_000);
  expect(retryAfterMs("Sat, 18 Jul 2026 12:00:30 GMT", Date.UTC(2026, 6, 18, 13))).toBe(0);
  for (const header of [null, "", "soon", "-5"]) expect(retryAfterMs(header, 0), `${header}`).toBe(0);
});

it("ends at once when it is told to, between attempts and within one", async () => {
  const stop = new AbortController();
  const { url } = await serve(answer(503, { code: "overloaded" }, { "Retry-After": "200" }));
  const waiting = sendPost(POST, options(url, { signal: stop.signal, onTrouble: () => stop.abort() }));
  await expect(waiting).rejects.toMatchObject({ name: "AbortError" });

  const second = new AbortController();
  const silent = await serve(() => second.abort());
  await expect(sendPost(POST, options(silent.url, { signal: second.signal }))).rejects.toMatchObject({
    name: "AbortError",
  });
});
