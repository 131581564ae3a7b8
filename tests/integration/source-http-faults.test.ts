import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import pino from "pino";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { channels } from "@/lib/channels/registry";
import { type Runtime, startRuntime } from "@/lib/server/runtime";
import { readSettings } from "@/lib/server/settings";
import { createFetcher } from "@/lib/server/sources/http/fetch-limited";
import { defineChannel } from "@/lib/shared/define-channel";
import { declareSource } from "@/lib/shared/sources/declare-source";
import type { RecordState, TableState } from "@/lib/shared/state";

type Handle = (req: IncomingMessage, res: ServerResponse) => void;
// The tries of a failing source lie further and further apart.
const WAIT = { timeout: 30_000, interval: 50 };

let folder: string;
let server: Server;
let runtime: Runtime | undefined;
/** What is answered under each path; a document by default. */
let answers: Record<string, Handle> = {};
let asked: Record<string, number> = {};

const well: Handle = (_, res) => res.end(JSON.stringify({ n: 1 }));

beforeEach(async () => {
  answers = {};
  asked = {};
  folder = mkdtempSync(join(tmpdir(), "nowboard-http-"));
  server = createServer((req, res) => {
    asked[req.url!] = (asked[req.url!] ?? 0) + 1;
    (answers[req.url!] ?? well)(req, res);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
});

afterEach(async () => {
  await runtime?.close();
  runtime = undefined;
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A channel for each path, filled from there. */
async function start(...names: string[]) {
  const { port } = server.address() as AddressInfo;
  const own = names.map((name) =>
    defineChannel({
      ...{ kind: "record", name, title: name, cadence: 200, maxAge: 1000, filledBy: "source" },
      metrics: { n: { title: "N", unit: "count" } },
    }),
  );
  const declared = own.map((channel) =>
    declareSource(channel, { kind: "http", url: `http://127.0.0.1:${port}/${channel.name}`, timeout: 500 }),
  );
  const settings = readSettings({ NOWBOARD_DATA: folder, NOWBOARD_SOURCES_ALLOW: "127.0.0.1" });
  const logger = pino({ level: "silent" });
  runtime = await startRuntime({ settings, logger, declared, channels: [...channels, ...own] });
  const state = (name: string) => runtime!.hub.state(name) as RecordState;
  const health = (name: string) => (runtime!.hub.state("sources") as TableState).rows[name];
  return { state, health, port };
}

it("[S2][S3][S4] a server that hangs, trickles, floods or talks nonsense harms no other source, and is back when it is well", async () => {
  const timers: NodeJS.Timeout[] = [];
  answers = {
    "/hangs": () => {},
    "/trickles": (_, res) => {
      res.write("{");
      timers.push(setInterval(() => res.write(" "), 100));
    },
    "/floods": (_, res) => {
      const chunk = Buffer.alloc(65_536, " ");
      const more = () => {
        for (let free = true; free && !res.destroyed; ) free = res.write(chunk);
      };
      res.on("drain", more);
      more();
    },
    "/bomb": (_, res) => res.setHeader("Content-Encoding", "gzip").end(BOMB),
    "/html": (_, res) => res.end("<html>"),
    "/fails": (_, res) => res.writeHead(500).end(),
    "/deep": (_, res) => res.end(`${'{"n":'.repeat(150_000)}1${"}".repeat(150_000)}`),
    "/redirects": (_, res) => res.writeHead(307, { Location: "http://127.0.0.1:1/" }).end(),
    "/dies": (req) => req.socket.destroy(),
  };
  const bad = Object.keys(answers).map((path) => path.slice(1));
  const { state, health, port } = await start("well", ...bad);
  const host = `127.0.0.1:${port}`;
  const reasons = {
    hangs: "No answer within 0.5 s",
    trickles: "No answer within 0.5 s",
    floods: "The answer is larger than 1 MB",
    bomb: "The answer is larger than 1 MB",
    html: "Not JSON: the answer is a page of HTML or XML",
    fails: `HTTP 500 from ${host}`,
    deep: "n: $.n is an object, not a number",
    redirects: `HTTP 307 from ${host}: it redirects to http://127.0.0.1:1/, which is not followed`,
    dies: `${host} closed the connection before it had answered`,
  };
  await vi.waitFor(() => {
    for (const name of bad) {
      expect(state(name).down, name).toBe(reasons[name as keyof typeof reasons]);
      expect(health(name), name).toMatchObject({ state: "Fails", reason: state(name).down });
    }
  }, WAIT);
  // The good one goes on at its pace; the others back off.
  const readings = () => Number(health("well")?.readings);
  const before = readings();
  await vi.waitFor(() => expect(readings()).toBeGreaterThan(before + 10), WAIT);
  expect(state("well")).toMatchObject({ values: { n: 1 }, down: undefined });
  for (const name of bad) expect(asked[`/${name}`], name).toBeLessThan(asked["/well"]!);
  answers = {};
  for (const timer of timers) clearInterval(timer);
  await vi.waitFor(() => {
    for (const name of bad) {
      expect(state(name), name).toMatchObject({ values: { n: 1 }, down: undefined });
      expect(health(name), name).toMatchObject({ state: "Works", failures: 0, reason: null });
    }
  }, WAIT);
});

it("[S2] a server that asks for a pause has it", async () => {
  answers["/busy"] = (_, res) => res.writeHead(503, { "Retry-After": "60" }).end();
  answers["/broken"] = (_, res) => res.writeHead(500, { "Retry-After": "60" }).end();
  const { state, health } = await start("busy", "broken");
  await vi.waitFor(() => expect(Number(health("broken")?.failures)).toBeGreaterThan(3), WAIT);
  expect(asked["/busy"]).toBe(1);
  expect(state("busy").down).toMatch(/^HTTP 503 from /);
  const { nextTry, lastTry } = health("busy") as { nextTry: number; lastTry: number };
  expect(nextTry - lastTry).toBeGreaterThanOrEqual(60_000);
});

it("[S2] a certificate that nobody trusts is said in words", async () => {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"];
  const kind = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  execFileSync("openssl", [...kind, "-keyout", key, "-out", cert, ...subject], { stdio: "ignore" });
  const secure = https.createServer({ key: readFileSync(key), cert: readFileSync(cert) }, well);
  await once(secure.listen(0, "127.0.0.1"), "listening");
  const { port } = secure.address() as AddressInfo;
  const fetcher = createFetcher({ accept: "*/*", maxBytes: 1000, allowed: ["127.0.0.1"] });
  const url = new URL(`https://127.0.0.1:${port}/`);
  const failure = fetcher.get({ url, signal: new AbortController().signal, read: (text) => text });
  await expect(failure).rejects.toThrow(
    `The certificate of 127.0.0.1:${port} is signed by nobody that this server trusts`,
  );
  await fetcher.close();
  secure.closeAllConnections();
  secure.close();
});

/** Fifty megabytes of nothing. */
const BOMB = gzipSync(Buffer.alloc(5e7, " "));
