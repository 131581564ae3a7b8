import { request } from "node:http";
import { io } from "socket.io-client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CODES, type Code, CodedError } from "@/lib/shared/codes";
import type { History } from "@/lib/shared/history";
import type { RecordState } from "@/lib/shared/state";
import { contentOf, idOf } from "../support/live-log";
import { type LiveServer, startLiveServer } from "../support/live-server";
import { eventually } from "../support/live-wait";

let server: LiveServer;
let before: string;
beforeAll(async () => {
  server = await startLiveServer({ archives: true });
});
beforeEach(async () => {
  before = await server.append({ ch: "machine", set: { load: 1 } });
});
afterAll(() => server.close());

const stored = async () => (await contentOf(server.log, idOf(before))).length;

function post(body: string, type = "application/json", channel = "gauges") {
  return server.get(`/api/ingest/${channel}`, { method: "POST", body, headers: { "Content-Type": type } });
}

async function current(channel: string, metric: string) {
  const { snapshot } = await (await server.get(`/api/live/snapshot?channels=${channel}`)).json();
  return (snapshot[channel] as RecordState).values[metric];
}

describe("a reading with a source time", () => {
  it("[T5][L6] that comes late is history in its place, and not the current value", async () => {
    const at = Date.now() - 600_000;
    await post(`[{"a":10},{"a":3,"ts":${at}},{"a":4,"ts":"${new Date(at - 60_000).toISOString()}"}]`);
    await eventually(async () => expect(await current("gauges", "a")).toBe(10));
    await eventually(async () => {
      const query = `channel=gauges&metrics=a&from=${at - 90_000}&to=${at + 60_000}&points=300`;
      const history: History = await (await server.get(`/api/history?${query}`)).json();
      const { last } = history.metrics.a!;
      const placed = last.flatMap((value, i) =>
        value === null ? [] : [[history.from + i * history.step, value] as const],
      );
      expect(placed.map(([, value]) => value)).toEqual([4, 3]);
      for (const [n, [start]] of placed.entries()) {
        const time = n === 0 ? at - 60_000 : at;
        expect(start).toBeLessThanOrEqual(time);
        expect(start + history.step).toBeGreaterThan(time);
      }
    });
  });

  it("[T5][L6] of a clock that is ahead is taken up to five minutes, and freezes nothing", async () => {
    const now = Date.now();
    expect((await post(`{"b":1,"ts":${now + 290_000}}`)).status).toBe(202);
    expect((await post('{"b":2}')).status).toBe(202);
    await eventually(async () => expect(await current("gauges", "b")).toBe(2));
    const refused = await post(`[{"b":3},{"b":4,"ts":${now + 400_000}}]`);
    expect(await refused.json()).toMatchObject({
      code: "future_timestamp",
      field: "ts",
      index: 1,
      status: 422,
    });
    expect(await current("gauges", "b")).toBe(2);
  });
});

describe("a body of ten thousand levels", () => {
  const deep = (open: string, close: string) => open.repeat(10_000) + close.repeat(10_000);
  const BODIES: [string, string][] = [
    ["arrays", deep("[", "]")],
    ["objects", `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`],
    ["an array in a field", `{"a":${deep("[", "]")}}`],
    ["an object in a row's key", `{"sku":${'{"sku":'.repeat(10_000)}1${"}".repeat(10_000)}}`],
    ["brackets without an end", "[".repeat(10_000)],
  ];

  it.each(BODIES)("[T5] of %s is refused with a clean 4xx, as JSON and as lines", async (_, body) => {
    for (const channel of ["gauges", "stock", "visits"])
      for (const type of ["application/json", "application/x-ndjson"]) {
        const answer = await post(body, type, channel);
        expect([400, 422]).toContain(answer.status);
        expect((await answer.json()).code).toMatch(/^invalid_(json|field)$/);
      }
    expect(await stored()).toBe(0);
  });

  it("[T1][T5] is refused as a socket's event, too, and the socket goes on", async () => {
    const socket = io(server.url, { transports: ["websocket"], forceNew: true });
    const send = (updates: unknown) =>
      socket.timeout(5000).emitWithAck("ingest", { channel: "gauges", updates });
    let nested: unknown = 1;
    for (let level = 0; level < 3000; level++) nested = { a: nested };
    for (const updates of [nested, [nested], { a: nested }])
      expect(await send(updates)).toMatchObject({ ok: false, error: { code: "invalid_field" } });
    expect(await send({ c: 1 })).toMatchObject({ ok: true });
    socket.disconnect();
  });
});

describe("a refusal that asks to come back", () => {
  const CODES_THAT_PASS: Code[] = ["overloaded", "log_busy", "log_unavailable", "unknown_outcome"];

  it.each(CODES_THAT_PASS)(
    "[T6] %s has Retry-After over HTTP, in an upload's report and over a socket",
    async (code) => {
      const socket = io(server.url, { transports: ["websocket"], forceNew: true });
      server.log.failing.append = new CodedError(code);
      try {
        const answer = await post('{"a":1}');
        expect(answer.status).toBe(503);
        expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
        expect(await answer.json()).toMatchObject({ code, retryAfter: expect.any(Number) });
        const upload = await new Promise<string>((resolve, reject) => {
          const headers = { "Content-Type": "application/x-ndjson", "Transfer-Encoding": "chunked" };
          const sent = request(`${server.url}/api/ingest/gauges`, { method: "POST", headers }, (response) => {
            let text = "";
            response.on("data", (chunk) => {
              text += chunk;
            });
            response.on("end", () => resolve(text));
          });
          sent.on("error", reject);
          sent.end('{"a":1}\n');
        });
        expect(JSON.parse(upload)).toMatchObject({ error: { code, retryAfter: expect.any(Number) } });
        const event = { channel: "gauges", updates: { a: 1 } };
        expect(await socket.timeout(5000).emitWithAck("ingest", event)).toMatchObject({
          ok: false,
          error: { code, retryAfter: expect.any(Number) },
        });
      } finally {
        server.log.failing.append = undefined;
        socket.disconnect();
      }
      expect(await stored()).toBe(0);
    },
  );

  it("[T6] is every one with status 503 that ingest gives", () => {
    for (const code of CODES_THAT_PASS) expect(CODES[code]).toMatchObject({ status: 503, retry: true });
  });
});
