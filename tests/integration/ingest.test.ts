import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CODES, type Code, CodedError } from "@/lib/shared/codes";
import type { Update } from "@/lib/shared/state";
import { contentOf, idOf } from "../support/live-log";
import { type LiveServer, startLiveServer } from "../support/live-server";

const KEY = "correct-horse-battery";

let server: LiveServer;
let locked: LiveServer;
beforeAll(async () => {
  server = await startLiveServer();
  locked = await startLiveServer({ ingestKey: KEY });
});
afterAll(() => Promise.all([server.close(), locked.close()]));

let before: string;
beforeEach(async () => {
  before = await server.append({ ch: "machine", set: { load: 1 } });
});

/** What has been stored since the test began. */
async function stored(): Promise<Omit<Update, "id">[]> {
  return (await contentOf(server.log, idOf(before))).map(({ id: _, ...update }) => update);
}

type Post = { channel?: string; headers?: Record<string, string>; to?: LiveServer };

function post(
  body: BodyInit,
  { channel = "gauges", headers = {}, to = server }: Post = {},
): Promise<Response> {
  return to.get(`/api/ingest/${channel}`, {
    method: "POST",
    body,
    headers: { "Content-Type": "application/json", ...headers },
    ...(body instanceof ReadableStream && { duplex: "half" }),
  } as RequestInit);
}

const ndjson = (lines: unknown[], channel = "gauges") =>
  post(lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n"), {
    channel,
    headers: { "Content-Type": "application/x-ndjson" },
  });

/** Expects the problem document of a code, and gives it. */
async function problem(response: Response, code: Code): Promise<Record<string, unknown>> {
  const body = await response.json();
  expect(body).toMatchObject({
    type: "about:blank",
    code,
    status: CODES[code].status,
    title: CODES[code].title,
  });
  expect(response.status).toBe(CODES[code].status);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(response.headers.get("cache-control")).toBe("no-store");
  return body;
}

describe("a body that is stored", () => {
  it("[T5] can be an object, an array, or lines", async () => {
    const one = await post('{"a":1}');
    expect(one.status).toBe(202);
    expect(await one.json()).toEqual({ accepted: 1, cursor: server.runtime.hub.cursor });
    const some = await post('[{"a":2,"ts":1700000000000},{"b":null}]', {
      headers: { "Content-Type": "application/json; charset=utf-8", "Content-Encoding": "identity" },
    });
    expect(await some.json()).toEqual({ accepted: 2, cursor: server.runtime.hub.cursor });
    const lines = await ndjson([{ c: 3 }, "", { c: 4 }, "  ", ""]);
    expect(await lines.json()).toEqual({ accepted: 2, cursor: server.runtime.hub.cursor });
    expect(await stored()).toEqual([
      { ch: "gauges", set: { a: 1 } },
      { ch: "gauges", set: { a: 2 }, ts: 1700000000000 },
      { ch: "gauges", set: { b: null } },
      { ch: "gauges", set: { c: 3 } },
      { ch: "gauges", set: { c: 4 } },
    ]);
  });

  it("[T5] fills each kind of channel, and says who sent it", async () => {
    const headers = { "Nowboard-Producer": "demo" };
    await post('[{"sku":"p","left":1},{"sku":"q","$delete":true}]', { channel: "stock", headers });
    await post('{"page":"/"}', { channel: "visits", headers });
    expect(await stored()).toEqual([
      { ch: "stock", rows: { p: { sku: "p", left: 1 } }, by: "demo" },
      { ch: "stock", rows: { q: null }, by: "demo" },
      { ch: "visits", items: [{ page: "/" }], by: "demo" },
    ]);
  });

  it("[L3] is answered with 202 only when another connection to the database sees it", async () => {
    const other = new Database(join(server.folder, "log.db"), { readonly: true });
    const find = other.prepare<[number, number], { body: string }>(
      "SELECT body FROM updates WHERE ms = ? AND seq = ?",
    );
    for (let n = 0; n < 20; n++) {
      const { cursor } = await (await post(`{"a":${n}}`)).json();
      const [ms, seq] = idOf(cursor).split("-").map(Number) as [number, number];
      expect(JSON.parse(find.get(ms, seq)!.body)).toMatchObject({ set: { a: n } });
    }
    other.close();
  });
});

describe("a body that is at fault", () => {
  it.each([
    ["an array", '[{"a":1},{"a":2},{"a":"x"},{"a":3}]', "application/json"],
    ["lines", '{"a":1}\n{"a":2}\n{"a":"x"}\n{"a":3}', "application/x-ndjson"],
    ["lines in the other spelling", '{"a":1}\n{"a":2}\n{"a":"x"}', "application/ndjson"],
  ])("[T5] as %s is stored not at all, and the field and its place are named", async (_, body, type) => {
    const response = await post(body, { headers: { "Content-Type": type } });
    expect(await problem(response, "invalid_field")).toMatchObject({
      field: "a",
      index: 2,
      detail: expect.stringContaining("a: "),
    });
    expect(await stored()).toEqual([]);
  });

  it("[T5] names the line that is no JSON", async () => {
    const response = await ndjson([{ a: 1 }, '{"a":', { a: 3 }]);
    expect(await problem(response, "invalid_json")).toMatchObject({
      index: 1,
      detail: expect.stringMatching(/^Line 2: /),
    });
    expect(await stored()).toEqual([]);
  });

  it.each<[Code, string | Uint8Array, Post]>([
    ["invalid_json", '{"a":NaN}', {}],
    ["invalid_json", "", {}],
    ["invalid_json", new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), {}],
    ["invalid_json", new Uint8Array([0x7b, 0x7d, 0xc3]), {}],
    ["invalid_field", '{"a":1e400}', {}],
    ["invalid_field", '{"a":9007199254740993}', {}],
    ["invalid_field", '{"__proto__":{"a":1}}', {}],
    ["invalid_field", '[[{"a":1}]]', {}],
    ["future_timestamp", `{"a":1,"ts":${Date.now() + 400_000}}`, {}],
    ["bad_request", "[]", {}],
    ["bad_request", "\n\n", { headers: { "Content-Type": "application/x-ndjson" } }],
    ["bad_request", '{"a":1}', { headers: { "Nowboard-Producer": "<script>" } }],
    ["unknown_channel", '{"a":1}', { channel: "nonsense" }],
    ["unknown_channel", '{"a":1}', { channel: "toString" }],
    ["unknown_channel", '{"rows":{}}', { channel: "$access" }],
    ["not_ingestable", '{"load":1}', { channel: "machine" }],
    ["unsupported_media_type", '{"a":1}', { headers: { "Content-Type": "text/plain" } }],
    ["unsupported_media_type", "a=1", { headers: { "Content-Type": "application/x-www-form-urlencoded" } }],
    ["unsupported_media_type", '{"a":1}', { headers: { "Content-Type": "application/jsonp" } }],
    ["unsupported_encoding", '{"a":1}', { headers: { "Content-Encoding": "gzip" } }],
    ["unsupported_encoding", '{"a":1}', { headers: { "Content-Encoding": "br" } }],
    ["invalid_idempotency_key", '{"a":1}', { headers: { "Idempotency-Key": "two words" } }],
    ["invalid_idempotency_key", '{"a":1}', { headers: { "Idempotency-Key": "" } }],
    ["invalid_idempotency_key", '{"a":1}', { headers: { "Idempotency-Key": "x".repeat(201) } }],
  ])("[T6] is answered with %s: %j %o", async (code, body, options) => {
    await problem(await post(body as BodyInit, options), code);
    expect(await stored()).toEqual([]);
  });

  it("[T5] has more rows than its table may hold", async () => {
    const rows = (n: number) =>
      JSON.stringify(Array.from({ length: n }, (_, i) => ({ sku: `row${i}`, left: i })));
    const clear = [{ sku: "p", $delete: true }];
    await post(JSON.stringify(clear), { channel: "stock" });
    await problem(await post(rows(6), { channel: "stock" }), "table_full");
    expect((await post(rows(5), { channel: "stock" })).status).toBe(202);
    await problem(await post('{"sku":"sixth"}', { channel: "stock" }), "table_full");
    expect((await post('{"sku":"row0","left":9}', { channel: "stock" })).status).toBe(202);
  });

  it.each<Code>(["storage_full", "log_busy", "log_unavailable", "unknown_outcome", "overloaded"])(
    "[H5][T6] is told when the log answers %s, and never acknowledged",
    async (code) => {
      server.log.failing.append = new CodedError(code);
      try {
        await problem(await post('{"a":1}'), code);
      } finally {
        server.log.failing.append = undefined;
      }
      expect(await stored()).toEqual([]);
    },
  );

  it("[T6] tells no secrets when something goes wrong that nobody thought of", async () => {
    server.log.failing.append = new Error("password=hunter2");
    try {
      expect(JSON.stringify(await problem(await post('{"a":1}'), "internal"))).not.toContain("hunter2");
    } finally {
      server.log.failing.append = undefined;
    }
  });
});

describe("a body that is too much", () => {
  it("[T5] is refused by its announced length, before it has come", async () => {
    await problem(await post(`{"a":${" ".repeat(1024 * 1024)}1}`), "payload_too_large");
  });

  it("[T5] is refused once it is, when no length is announced, and is not read to its end", async () => {
    let sent = 0;
    const chunk = new TextEncoder().encode(" ".repeat(64 * 1024));
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += chunk.byteLength;
        if (sent > 100 * 1024 * 1024) controller.close();
        else controller.enqueue(chunk);
      },
    });
    await problem(await post(endless), "payload_too_large");
    // What the kernel and the client hold is on its way already.
    expect(sent).toBeLessThan(20 * 1024 * 1024);
  });

  it("[T5] is refused when it holds too many updates", async () => {
    const body = JSON.stringify(Array.from({ length: 5001 }, () => ({ a: 1 })));
    await problem(await post(body), "payload_too_large");
    expect(await stored()).toEqual([]);
    expect((await post(JSON.stringify(Array.from({ length: 5000 }, () => ({ a: 1 }))))).status).toBe(202);
  });

  it.each([
    ["brackets", "[".repeat(500_000)],
    ["closed brackets", "[".repeat(400_000) + "]".repeat(400_000)],
    ["objects", `${'{"a":'.repeat(150_000)}1${"}".repeat(150_000)}`],
    ["an array in a field", `{"a":${"[".repeat(400_000)}${"]".repeat(400_000)}}`],
  ])("[T5] in depth, as %s, is refused at once", async (_, body) => {
    const started = performance.now();
    const response = await post(body);
    expect([400, 422]).toContain(response.status);
    expect((await response.json()).code).toMatch(/^invalid_(json|field)$/);
    expect(performance.now() - started).toBeLessThan(2000);
    expect(await stored()).toEqual([]);
  });
});

describe("an idempotency key", () => {
  let n = 0;
  const fresh = () => ({ "Idempotency-Key": `order-${n++}` });

  it("[T5] makes the same post twice one update, with the same answer", async () => {
    const headers = fresh();
    const first = await (await post('{"a":1}', { headers })).json();
    const second = await post('{"a":1}', { headers });
    expect(second.status).toBe(202);
    expect(await second.json()).toEqual(first);
    expect(await stored()).toEqual([{ ch: "gauges", set: { a: 1 } }]);
  });

  it("[T5] does so for posts at the same time, too", async () => {
    const headers = fresh();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => post('[{"a":1},{"b":2}]', { headers })),
    );
    const cursors = await Promise.all(answers.map(async (answer) => (await answer.json()).cursor));
    expect(new Set(cursors).size).toBe(1);
    expect(await stored()).toHaveLength(2);
  });

  it("[T5] with another body is refused, the producer's label being part of it", async () => {
    const headers = fresh();
    await post('{"a":1}', { headers });
    await problem(await post('{"a":2}', { headers }), "idempotency_conflict");
    await problem(await post('{"a":1} ', { headers }), "idempotency_conflict");
    const labelled = { ...headers, "Nowboard-Producer": "demo" };
    await problem(await post('{"a":1}', { headers: labelled }), "idempotency_conflict");
    expect(await stored()).toHaveLength(1);
  });

  it("[T5] belongs to its channel", async () => {
    const headers = fresh();
    await post('{"a":1}', { headers });
    expect((await post('{"x":1}', { headers, channel: "meters" })).status).toBe(202);
    expect(await stored()).toHaveLength(2);
  });

  it("[T5] that came with a refused body is free again", async () => {
    const headers = fresh();
    await problem(await post('{"a":"x"}', { headers }), "invalid_field");
    expect((await post('{"a":1}', { headers })).status).toBe(202);
  });

  it("[T5] is known after a restart", async () => {
    const headers = fresh();
    const folder = await mkdtemp(join(tmpdir(), "nowboard-ingest-"));
    const answers: unknown[] = [];
    for (let start = 0; start < 2; start++) {
      const to = await startLiveServer({ folder });
      answers.push(await (await post('{"a":1}', { headers, to })).json());
      await to.close();
    }
    expect(answers[1]).toEqual(answers[0]);
    await rm(folder, { recursive: true });
  });
});

describe("an ingest key", () => {
  const bearer = (key: string) => ({ headers: { Authorization: key }, to: locked });

  it("[T5] lets its holder in; the scheme's name may be written in any case", async () => {
    for (const scheme of ["Bearer", "bearer", "BEARER"])
      expect((await post('{"a":1}', bearer(`${scheme} ${KEY}`))).status).toBe(202);
  });

  it.each([
    ["", "nothing"],
    [KEY, "no scheme"],
    [`Basic ${KEY}`, "another scheme"],
    ["Bearer", "no key"],
    ["Bearer wrong", "a wrong one"],
    [`Bearer ${KEY}x`, "one that is longer"],
    [`Bearer ${KEY.slice(0, -1)}`, "one that is shorter"],
    [`Bearer ${KEY.toUpperCase()}`, "another case"],
    [`Bearer  ${KEY} ${KEY}`, "two"],
  ])("[T5] keeps out %j: %s", async (authorization) => {
    const head = locked.runtime.hub.cursor;
    const response = await post('{"a":1}', bearer(authorization));
    const body = await problem(response, "unauthorized");
    expect(response.headers.get("www-authenticate")).toBe("Bearer");
    expect(JSON.stringify(body)).not.toContain(KEY);
    expect(locked.runtime.hub.cursor).toBe(head);
  });

  it("[T5] is asked for before anything is told about channels or bodies", async () => {
    await problem(await post("nonsense", { channel: "nonsense", ...bearer("Bearer wrong") }), "unauthorized");
    await problem(
      await post("nonsense", { channel: "nonsense", ...bearer(`Bearer ${KEY}`) }),
      "unknown_channel",
    );
  });

  it("[T5] is not needed for reading", async () => {
    expect((await locked.get("/api/live/snapshot?channels=gauges")).status).toBe(200);
  });
});
