import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import pino from "pino";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Runtime, startRuntime } from "@/lib/server/runtime";
import { readSettings } from "@/lib/server/settings";
import { ZERO_ID } from "@/lib/shared/cursor";
import type { FeedState, RecordState, TableState } from "@/lib/shared/state";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const KEY = "an-ingest-key-of-the-test";
const WAIT = { timeout: 40_000, interval: 50 };

// The demo is a process of its own, and slow to start on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

let folder: string;
let runtime: Runtime;
let server: Server;
let demo: ChildProcess | undefined;
/** Answers are lost after the update was stored. */
let loseAnswers = false;

beforeEach(async () => {
  loseAnswers = false;
  folder = mkdtempSync(join(tmpdir(), "nowboard-demo-"));
  const settings = readSettings({ NOWBOARD_DATA: folder, NOWBOARD_INGEST_KEY: KEY });
  runtime = await startRuntime({ settings, logger: pino({ level: "silent" }), sources: [] });
  server = createServer((req, res) => void serve(req, res)).listen(0, "127.0.0.1");
  await once(server, "listening");
});

afterEach(async () => {
  demo?.kill("SIGKILL");
  server.closeAllConnections();
  server.close();
  await runtime.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The ingest route over real HTTP. */
async function serve(req: IncomingMessage, res: ServerResponse) {
  const body = await text(req);
  const request = new Request(`http://127.0.0.1${req.url}`, {
    method: "POST",
    headers: req.headers as Record<string, string>,
    body,
  });
  const response = await runtime.endpoints.ingest(request, req.url!.split("/").at(-1)!);
  if (loseAnswers) return res.destroy();
  res.writeHead(response.status, Object.fromEntries(response.headers)).end(await response.text());
}

function startDemo(...args: string[]) {
  const { port } = server.address() as AddressInfo;
  const shop = ["--import", "tsx", "lib/demo/shop.ts", "--url", `http://127.0.0.1:${port}`, "--rate", "60"];
  const child = spawn(process.execPath, [...shop, ...args], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  demo = child;
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => {
      printed += chunk;
    });
  return { child, printed: () => printed, exit: once(child, "exit") };
}

const orders = () => runtime.hub.state("orders") as FeedState;
const business = () => runtime.hub.state("business") as RecordState;
const regions = () => runtime.hub.state("regions") as TableState;
const orderNumbers = () => orders().items.map(({ item }) => Number(String(item.order).split("-")[1]));

it("[T5] fills feed, table and totals through ingest, labelled, and ends cleanly on SIGTERM", async () => {
  const { child, printed, exit } = startDemo("--key", KEY);
  await vi.waitFor(() => expect(business().values.orders).toBeGreaterThan(0), WAIT);
  const seen = orders().count;
  await vi.waitFor(() => expect(orders().count).toBeGreaterThan(seen), WAIT);
  await vi.waitFor(() => expect(business().values.orders).toBe(orderNumbers().at(-1)), WAIT);
  expect([orders().by, business().by, regions().by]).toEqual(["demo", "demo", "demo"]);
  child.kill("SIGTERM");
  expect(await exit).toEqual([0, null]);
  expect(printed().trim().split("\n")).toHaveLength(1);
  expect(printed()).toMatch(/^Demo: posting a made-up shop's orders to http:/);
});

it("[T5] stores nothing twice when answers are lost and when it is started again", async () => {
  const first = startDemo("--key", KEY);
  await vi.waitFor(() => expect(business().values.orders).toBeGreaterThan(0), WAIT);
  loseAnswers = true;
  await vi.waitFor(() => expect(first.printed()).toContain("trying again until it is stored"), WAIT);
  loseAnswers = false;
  first.child.kill("SIGKILL");
  await first.exit;
  const ts = business().ts.orders!;
  startDemo("--key", KEY);
  await vi.waitFor(() => expect(business().ts.orders).toBeGreaterThan(ts), WAIT);
  const read = await runtime.log.read(ZERO_ID, 100 * 1024 * 1024);
  if (read.status === "gone") throw new Error("the log was trimmed");
  const stored = read.updates.flatMap(({ ch, items = [] }) => (ch === "orders" ? items : []));
  expect(stored.length).toBe(orders().count);
  expect(new Set(stored.map(({ order }) => order)).size).toBe(stored.length);
});

it("says why and ends with 1 when it is refused", async () => {
  const { printed, exit } = startDemo();
  expect(await exit).toEqual([1, null]);
  expect(printed()).toContain("Demo: The server refused a post to ");
});
