import { once } from "node:events";
import { type ClientRequest, createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { readBody } from "@/lib/server/http/read-body";
import { CodedError, codeOf } from "@/lib/shared/codes";
import type { Update } from "@/lib/shared/state";
import { contentOf, idOf } from "../support/live-log";
import { type LiveServer, startLiveServer } from "../support/live-server";
import { eventually } from "../support/live-wait";

let server: LiveServer;
let before: string;
beforeAll(async () => {
  server = await startLiveServer();
});
beforeEach(async () => {
  before = await server.append({ ch: "machine", set: { load: 1 } });
});
afterAll(() => server.close());

async function stored(): Promise<Update[]> {
  return contentOf(server.log, idOf(before));
}

interface Report {
  lines?: { first: number; last: number };
  accepted?: number;
  cursor?: string;
  error?: { code: string; index?: number; field?: string; detail?: string };
}

/** An upload without a length, sent piece by piece, whose reports are read while it goes on. */
function upload(path = "/api/ingest/gauges", headers: Record<string, string> = {}) {
  const req: ClientRequest = request(server.url + path, {
    method: "POST",
    headers: { "Content-Type": "application/x-ndjson", ...headers },
    // One that is kept alive may be closed by the server just when it is used again.
    agent: false,
  });
  // Sent before the first piece, so that Node cannot find out a length.
  req.flushHeaders();
  const reports: Report[] = [];
  let text = "";
  const done = new Promise<IncomingMessage>((resolve, reject) => {
    req.on("error", reject);
    req.on("response", (response) => {
      response.setEncoding("utf8");
      response.on("data", (chunk) => {
        text += chunk;
        const lines = text.split("\n");
        text = lines.pop()!;
        reports.push(...lines.map((line) => JSON.parse(line)));
      });
      response.on("end", () => resolve(response));
      response.on("error", reject);
    });
  });
  return { req, reports, done, rest: () => text };
}

const line = (a: number | string) => `${JSON.stringify({ a })}\n`;

describe("a long upload", () => {
  it("[T5] is stored and reported group by group, while it still goes on", async () => {
    const { req, reports, done } = upload();
    req.write(line(1) + line(2));
    await eventually(() => expect(reports).toHaveLength(1));
    expect(reports[0]).toEqual({
      lines: { first: 1, last: 2 },
      accepted: 2,
      cursor: server.runtime.hub.cursor,
    });
    expect(await stored()).toHaveLength(2);
    req.end(line(3));
    const response = await done;
    expect(response.statusCode).toBe(200);
    expect(response.headers["content-type"]).toBe("application/x-ndjson");
    expect(reports[1]).toMatchObject({ lines: { first: 3, last: 3 }, accepted: 1 });
    expect((await stored()).map(({ set }) => set!.a)).toEqual([1, 2, 3]);
  });

  it("[T5] goes on after a faulty group, which is stored not at all and named by field and place", async () => {
    const { req, reports, done } = upload();
    for (const [n, group] of [line(1) + line(2), line(3) + line("x") + line(4), line(5)].entries()) {
      req.write(group);
      await eventually(() => expect(reports).toHaveLength(n + 1));
    }
    req.write('{"a":\n');
    await eventually(() => expect(reports).toHaveLength(4));
    req.end(line(6));
    await done;
    expect(reports.map(({ accepted, error }) => accepted ?? error!.code)).toEqual([
      2,
      "invalid_field",
      1,
      "invalid_json",
      1,
    ]);
    expect(reports[1]).toMatchObject({ lines: { first: 3, last: 5 }, error: { field: "a", index: 3 } });
    expect(reports[3]!.error).toMatchObject({ index: 6, detail: expect.stringContaining("Line 7: ") });
    expect((await stored()).map(({ set }) => set!.a)).toEqual([1, 2, 5, 6]);
  });

  it("[T5] says of each group whether the log took it", async () => {
    const { req, reports, done } = upload();
    req.write(line(1));
    await eventually(() => expect(reports).toHaveLength(1));
    server.log.failing.append = new CodedError("storage_full");
    req.write(line(2));
    await eventually(() => expect(reports).toHaveLength(2));
    server.log.failing.append = undefined;
    req.end(line(3));
    await done;
    expect(reports.map(({ accepted, error }) => accepted ?? error!.code)).toEqual([1, "storage_full", 1]);
    expect((await stored()).map(({ set }) => set!.a)).toEqual([1, 3]);
  });

  it("[T5] is the same however the network cuts it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(
            fc.string({ unit: fc.constantFrom("a", "é", "€", "😀", "\n", "\\", '"', " "), maxLength: 5 }),
            fc.constantFrom("\n", "\r\n", "\n\n", "\n \n"),
          ),
          {
            minLength: 1,
            maxLength: 12,
          },
        ),
        fc.array(fc.nat(), { maxLength: 5 }),
        async (lines, cuts) => {
          const since = server.runtime.hub.cursor;
          const bytes = Buffer.from(
            lines
              .map(([page, end]) => JSON.stringify({ page }) + end)
              .join("")
              .trimEnd(),
          );
          const places = [0, ...cuts.map((cut) => cut % bytes.length), bytes.length].sort((a, b) => a - b);
          const { req, reports, done } = upload("/api/ingest/visits");
          for (let i = 1; i < places.length; i++) {
            req.write(bytes.subarray(places[i - 1], places[i]));
            await sleep(1);
          }
          req.end();
          await done;
          expect(reports.every(({ accepted }) => accepted)).toBe(true);
          const pages = (await contentOf(server.log, idOf(since))).map(({ items }) => items![0]!.page);
          expect(pages).toEqual(lines.map(([page]) => page));
        },
      ),
      { numRuns: 8 },
    );
  });

  it("[T5] of many lines comes in groups of at most 500", async () => {
    const { req, reports, done } = upload();
    req.end(Array.from({ length: 4000 }, (_, i) => line(i)).join(""));
    await done;
    expect(Math.max(...reports.map(({ accepted }) => accepted!))).toBeLessThanOrEqual(500);
    const bounds = reports.map(({ lines }) => lines!);
    expect(bounds.map(({ first }) => first)).toEqual([1, ...bounds.slice(0, -1).map(({ last }) => last + 1)]);
    expect((await stored()).map(({ set }) => set!.a)).toEqual(Array.from({ length: 4000 }, (_, i) => i));
  });

  it("[T5] is also one whose length is over what is stored all or nothing", async () => {
    const body = `${JSON.stringify({ page: "p".repeat(2000) })}\n`.repeat(600);
    expect(body.length).toBeGreaterThan(1024 * 1024);
    const { req, reports, done } = upload("/api/ingest/visits", { "Content-Length": String(body.length) });
    req.end(body);
    await done;
    expect(reports.length).toBeGreaterThan(5);
    expect(reports.reduce((sum, { accepted }) => sum + accepted!, 0)).toBe(600);
  });

  it("[T5] cannot have an idempotency key, as no key covers groups", async () => {
    const { req, done, rest } = upload("/api/ingest/gauges", { "Idempotency-Key": "k" });
    req.end(line(1));
    expect((await done).statusCode).toBe(400);
    expect(JSON.parse(rest())).toMatchObject({ code: "invalid_idempotency_key" });
    expect(await stored()).toEqual([]);
  });

  it("[T5] ends at a line without an end, and keeps what came before it", async () => {
    const { req, reports, done } = upload();
    req.write(line(1));
    await eventually(() => expect(reports).toHaveLength(1));
    req.on("error", () => {});
    const endless = setInterval(() => req.write("x".repeat(32 * 1024)), 1);
    await done.finally(() => clearInterval(endless));
    req.destroy();
    expect(reports.at(-1)!.error).toMatchObject({ code: "payload_too_large" });
    expect(await stored()).toHaveLength(1);
  });

  it("[T5] is let go of once it is refused: its rest is not waited for", async () => {
    const cancel = vi.fn();
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(Buffer.from(`${line(1)}${"x".repeat(100_000)}`)),
      cancel,
    });
    const init = {
      method: "POST",
      headers: { "Content-Type": "application/x-ndjson" },
      body,
      duplex: "half",
    };
    const request = new Request(`${server.url}/api/ingest/gauges`, init as RequestInit);
    const response = await server.runtime.endpoints.ingest(request, "gauges");
    const reports = (await response.text()).trim().split("\n");
    expect(reports.map((report) => JSON.parse(report))).toMatchObject([
      { accepted: 1 },
      { error: { code: "payload_too_large" } },
    ]);
    expect(cancel).toHaveBeenCalledOnce();
    expect(await stored()).toHaveLength(1);
  });

  it("[T5] that breaks off keeps what was stored, and harms nobody", async () => {
    const { req, reports, done } = upload();
    req.write(`${line(1)}{"a":`);
    await eventually(() => expect(reports).toHaveLength(1));
    done.catch(() => {});
    req.destroy();
    await sleep(30);
    expect(await stored()).toHaveLength(1);
    expect((await server.get("/readyz")).status).toBe(200);
  });

  it("[T5] waits for the log instead of filling memory", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    server.log.holdAppends = () => held;
    const { req, reports, done } = upload("/api/ingest/visits");
    const text = JSON.stringify({ page: "p".repeat(2000) });
    let sent = 0;
    const total = 24 * 1024 * 1024;
    Readable.from(
      (function* () {
        while (sent < total) {
          const chunk = `${text}\n`.repeat(32);
          sent += chunk.length;
          yield chunk;
        }
      })(),
    ).pipe(req);
    // It comes to a halt when the buffers on the way are full.
    let last = -1;
    while (last !== sent) {
      last = sent;
      await sleep(100);
    }
    expect(sent).toBeLessThan(total / 2);
    server.log.holdAppends = undefined;
    release();
    await eventually(() => expect(sent).toBeGreaterThan(last));
    await eventually(() => expect(reports.length).toBeGreaterThan(1));
    expect(reports.every(({ accepted }) => accepted)).toBe(true);
    done.catch(() => {});
    req.destroy();
  });
});

describe("a body that is slow", () => {
  /** Reads a real request with the limits given, and says what came of it. */
  async function read(
    limits: { maxBytes: number; timeoutMs: number },
    send: (req: ClientRequest, arrived: Promise<unknown>) => void,
  ) {
    let outcome: unknown;
    const http = createServer((req, res) => {
      const init = { method: "POST", body: Readable.toWeb(req), duplex: "half", headers: req.headers };
      readBody(new Request("http://localhost", init as unknown as RequestInit), limits)
        .then((text) => text, codeOf)
        .then((result) => {
          outcome = result;
          res.end();
        });
    });
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    const { port } = http.address() as AddressInfo;
    const req = request({ port, method: "POST" });
    req.on("error", () => {});
    send(req, once(http, "request"));
    await eventually(() => expect(outcome).toBeDefined());
    req.destroy();
    http.closeAllConnections();
    http.close();
    return outcome;
  }
  const limits = { maxBytes: 100, timeoutMs: 150 };

  it("[T5] is given up when it has not come in time, however steadily it drips", async () => {
    expect(await read(limits, (req) => req.write("{"))).toBe("body_timeout");
    let dripping: NodeJS.Timeout | undefined;
    const drip = await read(limits, (req) => {
      dripping = setInterval(() => req.write(" "), 20);
    });
    clearInterval(dripping);
    expect(drip).toBe("body_timeout");
  });

  it("[T5] is read when it comes in time, in pieces that cut characters", async () => {
    const body = Buffer.from('{"a":"é€😀"}');
    const text = await read(limits, async (req) => {
      for (const byte of body) {
        req.write(Buffer.from([byte]));
        await sleep(1);
      }
      req.end();
    });
    expect(text).toBe('{"a":"é€😀"}');
  });

  it("[T5] is a bad request when it ends early", async () => {
    expect(
      await read({ ...limits, timeoutMs: 3000 }, (req, arrived) => {
        req.setHeader("Content-Length", 50);
        req.write("{");
        void arrived.then(() => req.destroy());
      }),
    ).toBe("bad_request");
  });

  it("[T5] is too large by its length, by one byte, and not by none", async () => {
    expect(await read(limits, (req) => req.end("x".repeat(100)))).toBe("x".repeat(100));
    expect(await read(limits, (req) => req.end("x".repeat(101)))).toBe("payload_too_large");
    expect(
      await read(limits, (req) => {
        req.write("x".repeat(60));
        req.write("x".repeat(60));
      }),
    ).toBe("payload_too_large");
  });
});
