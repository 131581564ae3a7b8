import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";
import { beforeEach, describe, expect, it } from "vitest";

const ORIGIN = "https://board.example";
const SOURCE = readFileSync(new URL("../../public/sw.js", import.meta.url), "utf8");
const OURS = { "X-Request-Id": "12345678" };

type Handler = (event: Record<string, unknown>) => void;

/** The real worker in a scope of its own: what it stores, and a network that the test decides about. */
class WorkerScope {
  readonly stores = new Map<string, Map<string, Response>>();
  readonly fetched: string[] = [];
  network: (path: string) => Response = () => new Response("from the server", { headers: OURS });
  private readonly handlers = new Map<string, Handler>();

  constructor(build: string) {
    const pathOf = (request: Request | string) =>
      new URL(typeof request === "string" ? request : request.url, ORIGIN).pathname;
    const caches = {
      keys: async () => [...this.stores.keys()],
      delete: async (name: string) => this.stores.delete(name),
      open: async (name: string) => {
        const store = this.stores.get(name) ?? new Map<string, Response>();
        this.stores.set(name, store);
        return { put: async (path: string, answer: Response) => void store.set(path, answer) };
      },
      match: async (request: Request | string, { cacheName }: { cacheName: string }) =>
        this.stores.get(cacheName)?.get(pathOf(request))?.clone(),
    };
    const fetch = async (request: Request | string) => {
      this.fetched.push(pathOf(request));
      return this.network(pathOf(request));
    };
    const self = {
      location: new URL(`${ORIGIN}/sw.js?build=${build}`),
      addEventListener: (type: string, handler: Handler) => this.handlers.set(type, handler),
      skipWaiting: async () => {},
      registration: {},
    };
    runInContext(SOURCE, createContext({ self, caches, fetch, URL, Response, Promise, Error }));
  }

  async run(type: "install" | "activate", more: Record<string, unknown> = {}): Promise<void> {
    let done: Promise<unknown> | undefined;
    this.handlers.get(type)!({ ...more, waitUntil: (work: Promise<unknown>) => (done = work) });
    await done;
  }

  /** What the worker answers; `undefined` when it leaves the request to the browser. */
  async ask(
    path: string,
    { mode = "navigate", method = "GET", preload }: Asked = {},
  ): Promise<string | undefined> {
    let answer: Promise<Response> | undefined;
    this.handlers.get("fetch")!({
      request: { method, mode, url: new URL(path, ORIGIN).href },
      preloadResponse: Promise.resolve(preload),
      respondWith: (given: Promise<Response>) => (answer = given),
    });
    return answer && (await answer).text();
  }
}

interface Asked {
  mode?: string;
  method?: string;
  preload?: Response;
}

const broken = () => {
  throw new TypeError("Failed to fetch");
};

let worker: WorkerScope;
beforeEach(async () => {
  worker = new WorkerScope("b1");
  worker.network = (path) => new Response(`kept ${path}`, { headers: OURS });
  await worker.run("install");
  await worker.run("activate");
  worker.fetched.length = 0;
  worker.network = () => new Response("from the server", { headers: OURS });
});

describe("the service worker", () => {
  it.each([
    ["/api/live/poll?channels=a", "cors"],
    ["/api/live/events?channels=a", "cors"],
    ["/api/channels", "cors"],
    ["/api/ingest/a", "cors"],
    ["/database?_rsc=1abc", "cors"],
    ["/_next/static/chunks/a.js", "no-cors"],
    ["/healthz", "cors"],
    ["/", "cors"],
    ["/api/openapi.json", "navigate"],
    ["/metrics", "navigate"],
    ["https://elsewhere.example/", "navigate"],
  ])("[C9] leaves %s (%s) to the browser, with the server and without", async (path, mode) => {
    expect(await worker.ask(path, { mode })).toBeUndefined();
    worker.network = broken;
    expect(await worker.ask(path, { mode })).toBeUndefined();
    expect(worker.fetched).toEqual([]);
  });

  it("[C9] gives a page from the server while there is one", async () => {
    expect(await worker.ask("/database")).toBe("from the server");
    expect(await worker.ask("/offline.html")).toBe("from the server");
    expect(await worker.ask("/", { preload: new Response("fetched ahead") })).toBe("fetched ahead");
    // Its own refusals are its answers, too.
    worker.network = () => new Response("overloaded", { status: 503, headers: OURS });
    expect(await worker.ask("/")).toBe("overloaded");
    worker.network = () => new Response("moved", { status: 302 });
    expect(await worker.ask("/")).toBe("moved");
  });

  it("[C9] gives the offline page when nobody answers, or a proxy says that nobody does", async () => {
    worker.network = broken;
    expect(await worker.ask("/database")).toBe("kept /offline.html");
    for (const status of [502, 503, 504]) {
      worker.network = () => new Response("Bad gateway", { status });
      expect(await worker.ask("/")).toBe("kept /offline.html");
    }
    worker.network = broken;
    expect(await worker.ask("/offline.js", { mode: "cors" })).toBe("kept /offline.js");
    expect(await worker.ask("/offline.css", { mode: "no-cors" })).toBe("kept /offline.css");
    expect(await worker.ask("/", { method: "POST" })).toBeUndefined();
  });

  it("[C9] of a new build keeps its own offline page and drops the old one, and nothing else", async () => {
    const next = new WorkerScope("b2");
    for (const [name, store] of worker.stores) next.stores.set(name, store);
    next.stores.set("somebody's", new Map());
    await next.run("install");
    await next.run("activate");
    expect([...next.stores.keys()].sort()).toEqual(["nowboard-offline-b2", "somebody's"]);
  });

  it("[C9] is not installed with what something else answered in the server's place", async () => {
    const other = new WorkerScope("b3");
    other.network = () => new Response("Welcome to the hotel");
    await expect(other.run("install")).rejects.toThrow("did not come from the server");
    expect([...(other.stores.get("nowboard-offline-b3")?.keys() ?? [])]).toEqual([]);
  });

  it("[C9] has the browser take the API, live connections and code straight from the network, where it can", async () => {
    const routes: unknown[] = [];
    await worker.run("install", { addRoutes: async (rules: unknown[]) => routes.push(...rules) });
    const isDirect = (urlPattern: string) => ({ condition: { urlPattern }, source: "network" });
    const direct = ["/api/*", "/socket.io/*", "/_next/*", "/healthz", "/readyz", "/metrics"];
    expect(JSON.parse(JSON.stringify(routes))).toEqual(direct.map(isDirect));
  });
});
