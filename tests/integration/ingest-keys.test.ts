import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { promisify } from "node:util";
import { io } from "socket.io-client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createLogger } from "@/lib/server/logger";
import { CODES, type Code } from "@/lib/shared/codes";
import { ROOT } from "../arch/source-files";
import { keyFolder, storeKey, withKeys } from "../support/key-places";
import { type LiveServer, type LiveServerOptions, startLiveServer } from "../support/live-server";
import { eventually } from "../support/live-wait";

let server: LiveServer;
let place: ReturnType<typeof keyFolder>;
beforeEach(() => {
  place = keyFolder();
});
afterEach(async () => {
  await server.close();
  place.remove();
});

async function start(options: LiveServerOptions = {}) {
  server = await startLiveServer({ folder: place.folder, ...options });
}

function post(key?: string, channel = "gauges", body = '{"a":1}', headers: Record<string, string> = {}) {
  return server.get(`/api/ingest/${channel}`, {
    method: "POST",
    body,
    headers: {
      "Content-Type": "application/json",
      ...(key !== undefined && { Authorization: `Bearer ${key}` }),
      ...headers,
    },
  });
}

async function refused(response: Response, code: Code) {
  const problem = await response.json();
  expect([response.status, problem.code]).toEqual([CODES[code].status, code]);
  return problem;
}

describe("without a key", () => {
  it("[T9] ingest is open until one is stored, which the running server sees", async () => {
    await start();
    expect(await server.runtime.isIngestKeyNeeded()).toBe(false);
    expect((await post()).status).toBe(202);
    // A key that nobody needs harms nobody.
    expect((await post("anything")).status).toBe(202);
    const { key } = await storeKey(place);
    await eventually(async () => expect((await post()).status).toBe(401));
    expect(await server.runtime.isIngestKeyNeeded()).toBe(true);
    expect((await post(key)).status).toBe(202);
  });

  it("[T9] ingest stays closed when the last key was revoked", async () => {
    const { id, key } = await storeKey(place);
    await withKeys(place, (store) => store.revoke(id, Date.now()));
    await start();
    await refused(await post(), "unauthorized");
    expect((await refused(await post(key), "unauthorized")).detail).toBe("This key was revoked.");
  });
});

describe("a stored key", () => {
  it("[T9] fills the channels that it names and no other, and the answer says which", async () => {
    const { key } = await storeKey(place, { channels: ["gauges", "stock"] });
    await start();
    expect((await post(key)).status).toBe(202);
    expect((await post(key, "stock", '{"sku":"p"}')).status).toBe(202);
    const problem = await refused(await post(key, "visits", '{"page":"/"}'), "forbidden_channel");
    expect(problem).toMatchObject({
      field: "channel",
      detail: 'This key is not for "visits" but for: gauges, stock.',
    });
    await refused(await post(key, "machine", '{"load":1}'), "forbidden_channel");
    await refused(await post(key, "nonsense"), "unknown_channel");
  });

  it("[T9] stands beside the one of the settings, which fills all channels", async () => {
    const { key } = await storeKey(place);
    await start({ ingestKey: "correct-horse-battery" });
    for (const one of [key, "correct-horse-battery"]) expect((await post(one)).status).toBe(202);
    expect((await post("correct-horse-battery", "visits", '{"page":"/"}')).status).toBe(202);
    await refused(await post(key, "visits", '{"page":"/"}'), "forbidden_channel");
    await refused(await post("correct-horse"), "unauthorized");
    await refused(await post(), "unauthorized");
  });

  it("[T9] that is revoked at the command line, while the server runs, stops soon", async () => {
    await start({ folder: place.folder });
    const main = join(ROOT, "lib/server/keys/main.ts");
    const run = (...args: string[]) =>
      promisify(execFile)(process.execPath, ["--import", "tsx", main, ...args], {
        cwd: ROOT,
        env: { ...process.env, NOWBOARD_DATA: place.folder },
      });
    const made = await run("create", "--name", "till", "--channels", "business,orders");
    const key = made.stdout.trim();
    // The server's channels are the tests' own: let in, and told that this one is not for it.
    await eventually(async () => void (await refused(await post(key), "forbidden_channel")));
    await run("revoke", key.split("_")[1]!);
    await eventually(async () => void (await refused(await post(key), "unauthorized")));
    expect((await run("list")).stdout).toMatch(/till +business,orders .* revoked/);
  });

  it("[T9] that is revoked ends a long upload under way, and a socket's events", async () => {
    const { id, key } = await storeKey(place);
    await start();
    const socket = io(server.url, { transports: ["websocket"], forceNew: true, auth: { key } });
    const send = () => socket.timeout(5000).emitWithAck("ingest", { channel: "gauges", updates: { a: 1 } });
    expect(await send()).toMatchObject({ ok: true });
    let isOver = false;
    const lines = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        if (isOver) controller.close();
        else controller.enqueue(new TextEncoder().encode('{"a":2}\n'));
      },
    });
    const upload = await server.get("/api/ingest/gauges", {
      method: "POST",
      body: lines,
      headers: { "Content-Type": "application/x-ndjson", Authorization: `Bearer ${key}` },
      duplex: "half",
    } as RequestInit);
    const reader = upload.body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toContain('"accepted":1');
    await withKeys(place, (store) => store.revoke(id, Date.now()));
    let text = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
    isOver = true;
    expect(JSON.parse(text.trim().split("\n").at(-1)!)).toMatchObject({ error: { code: "unauthorized" } });
    expect(await send()).toMatchObject({ ok: false, error: { code: "unauthorized", status: 401 } });
    socket.disconnect();
  });

  it("[T9] that has expired opens nothing", async () => {
    const { key } = await storeKey(place, { expiresAt: Date.now() + 30_000 });
    await start();
    expect((await post(key)).status).toBe(202);
    server.clock.ahead = 30_001;
    expect((await refused(await post(key), "unauthorized")).detail).toBe("This key has expired.");
  });

  it("[T9][H4] has a rate of its own, or that of the settings", async () => {
    const slow = await storeKey(place, { perSecond: 5 });
    const usual = await storeKey(place);
    await start({ env: { NOWBOARD_INGEST_PER_SECOND: "1000" } });
    const many = JSON.stringify(Array.from({ length: 100 }, (_, a) => ({ a })));
    expect((await post(slow.key, "gauges", many)).status).toBe(202);
    const answer = await post(slow.key);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(10);
    await refused(answer, "rate_limited");
    for (let n = 0; n < 3; n++) expect((await post(usual.key, "gauges", many)).status).toBe(202);
  });

  it("[T9][T5] owns its idempotency keys: another key's are others", async () => {
    const [one, other] = [await storeKey(place), await storeKey(place)];
    await start();
    const headers = { "Idempotency-Key": "order-1" };
    const first = await (await post(one.key, "gauges", '{"a":1}', headers)).json();
    expect(await (await post(one.key, "gauges", '{"a":1}', headers)).json()).toEqual(first);
    const second = await post(other.key, "gauges", '{"a":2}', headers);
    expect(second.status).toBe(202);
    expect((await second.json()).cursor).not.toBe(first.cursor);
    await refused(await post(one.key, "gauges", '{"a":2}', headers), "idempotency_conflict");
  });

  it("[T9] has its last use stored, to the minute", async () => {
    const { key } = await storeKey(place);
    await start();
    const before = Date.now();
    for (let n = 0; n < 5; n++) await post(key);
    const list = () => withKeys(place, (store) => store.list());
    const used = await eventually(async () => {
      const [stored] = await list();
      expect(stored!.lastUsedAt).toBeGreaterThanOrEqual(before);
      return stored!.lastUsedAt!;
    });
    await post(key);
    expect((await list())[0]!.lastUsedAt).toBe(used);
    server.clock.ahead = 61_000;
    await post(key);
    await eventually(async () => expect((await list())[0]!.lastUsedAt).toBeGreaterThan(used + 60_000));
  });

  it("[T9] is in no line of the log and in no table, whatever is done with it", async () => {
    let log = "";
    const stream = new Writable({
      write(chunk, _encoding, done) {
        log += chunk;
        done();
      },
    });
    const { key } = await storeKey(place);
    const wrong = `${key.slice(0, -4)}beef`;
    await start({ logger: createLogger("trace", stream), archives: true });
    const headers = { "Idempotency-Key": "canary-1", "Nowboard-Producer": "till" };
    for (const one of [key, wrong]) {
      await post(one, "gauges", '{"a":1}', headers);
      await post(one, "visits", '{"page":"/"}', headers);
      await post(one, "gauges", '{"a":', headers);
      await post(one, "nonsense");
      const socket = io(server.url, { transports: ["websocket"], forceNew: true, auth: { key: one } });
      await socket
        .timeout(5000)
        .emitWithAck("ingest", { channel: "gauges", updates: [{ a: 1 }, { a: "x" }] });
      socket.disconnect();
    }
    server.log.failing.append = new Error("a fault");
    await post(key);
    server.log.failing.append = undefined;
    await eventually(() => expect(log).toContain("a fault"));
    const metrics = await (await server.get("/metrics")).text();
    const files = readdirSync(place.folder).map((name) => readFileSync(join(place.folder, name), "latin1"));
    expect(files.length).toBeGreaterThan(2);
    for (const secret of [key.split("_")[2]!, wrong.split("_")[2]!])
      for (const text of [log, metrics, ...files]) expect(text.includes(secret)).toBe(false);
  });
});
