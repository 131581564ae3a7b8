import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { deflateSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Source } from "@/lib/server/sources/define-source";
import { openSource } from "@/lib/server/sources/open-source";
import { defineChannel } from "@/lib/shared/define-channel";
import { declareSource } from "@/lib/shared/sources/declare-source";
import type { HttpOptions } from "@/lib/shared/sources/http";
import { env } from "@/lib/shared/sources/options";

const shop = defineChannel({
  ...{ kind: "record", name: "shop", title: "Shop", cadence: 1000, maxAge: 5000, filledBy: "source" },
  metrics: { orders: { title: "Orders", unit: "count" }, revenue: { title: "Revenue", unit: "none" } },
});
const stores = defineChannel({
  ...{ kind: "table", name: "stores", title: "Stores", cadence: 1000, maxAge: 5000, filledBy: "source" },
  key: "id",
  columns: {
    id: { title: "Store", type: "text" },
    sales: { title: "Sales", type: "number" },
    opened: { title: "Opened", type: "time" },
  },
});

type Handle = (req: IncomingMessage, res: ServerResponse) => void;

let server: Server;
let port: number;
let handle: Handle;
let sockets = 0;
const opened: Source[] = [];

beforeEach(async () => {
  sockets = 0;
  server = createServer((req, res) => handle(req, res)).listen(0, "127.0.0.1");
  server.on("connection", () => {
    sockets += 1;
  });
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((source) => source.close?.()));
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const json =
  (value: unknown): Handle =>
  (_, res) =>
    res.setHeader("Content-Type", "application/json").end(JSON.stringify(value));

async function open(
  options: Partial<HttpOptions> = {},
  { channel = shop as typeof shop | typeof stores, allowed = ["127.0.0.1"], variables = {} } = {},
) {
  const url = `http://127.0.0.1:${port}/shop.json?token=canary`;
  const declared = declareSource(channel, { kind: "http", url, ...options } as HttpOptions<never>);
  const source = (await openSource(declared, { env: variables, allowed })) as Source;
  opened.push(source);
  return source;
}

const read = (source: Source, signal = new AbortController().signal) =>
  source.read({ signal, now: Date.now() });

describe("a document", () => {
  it("becomes a record, by names or by paths; what is missing is nothing", async () => {
    handle = json({ orders: 12, sum: { total: "99.50" } });
    expect(await read(await open())).toEqual({ orders: 12, revenue: null });
    const values = { revenue: { path: "$.sum.total", fromText: true as const } };
    expect(await read(await open({ values }))).toEqual({ orders: 12, revenue: 99.5 });
    await expect(read(await open({ values: { revenue: "$.sum.total" } }))).rejects.toThrow(
      "revenue: $.sum.total is a text, not a number",
    );
  });

  it("becomes a table's rows", async () => {
    handle = json({
      stores: [
        { id: 7, s: { n: 3 }, opened: "2026-01-01T00:00:00Z" },
        { id: "b", s: {}, opened: null },
      ],
    });
    const options = { rows: "$.stores[*]", values: { sales: "$.s.n" } };
    expect(await read(await open(options, { channel: stores }))).toEqual([
      { id: "7", sales: 3, opened: Date.UTC(2026, 0, 1) },
      { id: "b", sales: null, opened: null },
    ]);
    handle = json({ stores: [{ id: 1 }, { id: 2, s: { n: [] } }] });
    await expect(read(await open(options, { channel: stores }))).rejects.toThrow(
      "Row 2: sales: $.s.n is a list, not a number",
    );
  });

  it("is declared in a way that can work, or refused at the start", async () => {
    const why = (options: Partial<HttpOptions>, channel: typeof shop | typeof stores = shop) =>
      open(options, { channel }).then(
        () => "opened",
        (error: Error) => error.message,
      );
    const feed = defineChannel({ ...shop, kind: "feed", name: "f", fields: {}, keep: 1 }) as never;
    expect(await why({ values: { orders: "orders" } as never })).toMatch(
      /^The source of shop: orders is not a JSONPath/,
    );
    expect(await why({ values: { orders: "$.a[*]" } as never })).toContain("$.a[*] can match many values");
    expect(await why({ rows: "$.a" })).toContain("this channel is a record");
    expect(await why({}, stores)).toContain("a table needs rows");
    expect(await why({}, feed)).toContain("not feeds");
    expect(await why({ every: 50 })).toContain("every is at least 100 ms");
    expect(await why({ url: "ftp://host/secret" })).toBe(
      "The source of shop: url is not an address like https://host/path",
    );
    expect(await why({ url: "http://me:canary@host/" })).toMatch(/^(?!.*canary).*comes from the environment/);
    expect(await why({ headers: { "X-Key": "canary\n" } })).toMatch(/^(?!.*canary).*X-Key/);
  });

  it("[S3] is off while a variable is not set", async () => {
    const source = await open({ url: env("SHOP_URL") });
    expect(source).toMatchObject({ off: "SHOP_URL is not set", kind: "HTTP" });
  });
});

describe("the connection", () => {
  it("[S4] sends credentials of the environment and shows them nowhere", async () => {
    let seen: IncomingMessage["headers"] = {};
    handle = (req, res) => {
      seen = req.headers;
      res.writeHead(302, { Location: `http://me:canary@other.example${req.url}` }).end();
    };
    const variables = { SHOP_URL: `http://me:canary@127.0.0.1:${port}/canary?canary`, KEY: "canary" };
    const source = await open({ url: env("SHOP_URL"), headers: { "X-Key": env("KEY") } }, { variables });
    const failure = await read(source).catch((error: Error) => error.message);
    expect(failure).toBe(
      `HTTP 302 from 127.0.0.1:${port}: it redirects to http://other.example, which is not followed`,
    );
    expect(seen).toMatchObject({
      authorization: `Basic ${Buffer.from("me:canary").toString("base64")}`,
      "x-key": "canary",
      accept: "application/json",
    });
    expect(source.target).toBe(`http://127.0.0.1:${port}`);
    expect((await open()).target).toBe(`http://127.0.0.1:${port}/shop.json`);
  });

  it("is kept, with at most two at a time, and replaced when the server closed it", async () => {
    handle = json({ orders: 1 });
    const source = await open();
    for (let i = 0; i < 5; i++) await read(source);
    expect(sockets).toBe(1);
    await Promise.all(Array.from({ length: 8 }, () => read(source)));
    expect(sockets).toBe(2);
    // Resets the kept connections under the next question's feet.
    let broken = 0;
    const answer = handle;
    handle = (req, res) => (broken++ < 1 ? void req.socket.resetAndDestroy() : answer(req, res));
    expect(await read(source)).toMatchObject({ orders: 1 });
    expect(broken).toBe(2);
  });

  it("asks with the last answer's tag, and an answer that is still true is a reading", async () => {
    const tags: unknown[] = [];
    let n = 1;
    handle = (req, res) => {
      tags.push(req.headers["if-none-match"]);
      if (req.headers["if-none-match"] === `"${n}"`) res.writeHead(304).end();
      else res.setHeader("ETag", `"${n}"`).end(JSON.stringify({ orders: n }));
    };
    const source = await open();
    expect([await read(source), await read(source)]).toMatchObject([{ orders: 1 }, { orders: 1 }]);
    n = 2;
    expect(await read(source)).toMatchObject({ orders: 2 });
    handle = json({ orders: 3 });
    expect(await read(source)).toMatchObject({ orders: 3 });
    expect(tags).toEqual([undefined, '"1"', '"1"']);
    handle = (req, res) => {
      tags.push(req.headers["if-none-match"]);
      res.writeHead(304).end();
    };
    await expect(read(source)).rejects.toThrow("HTTP 304");
    expect(tags.at(-1)).toBeUndefined();
  });

  it("understands gzip and deflate", async () => {
    const text = JSON.stringify({ orders: 5 });
    handle = (req, res) => {
      expect(req.headers["accept-encoding"]).toBe("gzip, deflate");
      res.setHeader("Content-Encoding", "gzip").end(gzipSync(text));
    };
    expect(await read(await open())).toMatchObject({ orders: 5 });
    handle = (_, res) => res.setHeader("Content-Encoding", "deflate").end(deflateSync(text));
    expect(await read(await open())).toMatchObject({ orders: 5 });
    handle = (_, res) => res.setHeader("Content-Encoding", "br").end(text);
    await expect(read(await open())).rejects.toThrow("compressed in a way that was not asked for");
    handle = (_, res) => res.setHeader("Content-Encoding", "gzip").end(text);
    await expect(read(await open())).rejects.toThrow("is not compressed as it says");
    handle = (_, res) => res.setHeader("Content-Encoding", "gzip").end(gzipSync(text).subarray(0, 20));
    await expect(read(await open())).rejects.toThrow("ends early");
  });
});

describe("what goes wrong", () => {
  it.each<[string, Handle, string]>([
    ["an error", (_, res) => res.writeHead(500).end("<h1>canary"), "HTTP 500 from HOST"],
    [
      "a page",
      (_, res) => res.end("<!doctype html><p>canary"),
      "Not JSON: the answer is a page of HTML or XML",
    ],
    [
      "half a document",
      (_, res) => res.end('{"canary":'),
      "Not JSON: the answer is another text, or it is cut off",
    ],
    ["nothing", (_, res) => res.writeHead(204).end(), "Not JSON: the answer is empty"],
    [
      "a broken answer",
      (_, res) => {
        res.writeHead(200, { "Content-Length": 100 }).write("{");
        setImmediate(() => res.destroy());
      },
      "HOST closed the connection before it had answered",
    ],
    ["no HTTP", (req) => req.socket.end("220 mail ready\r\n"), "What HOST answers is not HTTP"],
    [
      "its size",
      (_, res) => res.writeHead(200, { "Content-Length": 1e8 }).write("{"),
      "The answer is larger than 1 MB",
    ],
    [
      "a bomb",
      (_, res) => res.setHeader("Content-Encoding", "gzip").end(gzipSync(Buffer.alloc(5e7, " "))),
      "The answer is larger than 1 MB",
    ],
  ])("[S2] is said in words: %s", async (_, answer, words) => {
    handle = answer;
    const failure = await read(await open()).catch((error: Error) => error.message);
    expect(failure).toBe(words.replace("HOST", `127.0.0.1:${port}`));
  });

  it("[S4] an answer that is too large, or of a kind that was not asked for, is left at once", async () => {
    for (const [name, value] of [
      ["Content-Length", "100000000"],
      ["Content-Encoding", "br"],
    ] as const) {
      const left = new Promise((resolve) => {
        handle = (_, res) => res.once("close", resolve).setHeader(name, value).write("{");
      });
      await expect(read(await open())).rejects.toThrow(/^The answer is /);
      await left;
    }
  });

  it("[S4] an answer without an end is left after a megabyte", async () => {
    const chunk = Buffer.alloc(65_536, " ");
    let sent = 0;
    const left = new Promise<void>((resolve) => {
      handle = (_, res) => {
        const more = () => {
          for (let free = true; free && !res.destroyed; sent += chunk.length) free = res.write(chunk);
        };
        res.on("drain", more).on("close", resolve);
        more();
      };
    });
    await expect(read(await open())).rejects.toThrow("The answer is larger than 1 MB");
    await left;
    // What the kernel holds between the two is sent, too.
    expect(sent).toBeLessThan(50_000_000);
  });

  it("[S2] a server that is silent or trickles is left when the time is over", async () => {
    const leaves = (answer: Handle) =>
      new Promise<void>((resolve) => {
        handle = (req, res) => {
          res.on("close", resolve);
          answer(req, res);
        };
      });
    let timer: NodeJS.Timeout | undefined;
    const trickle: Handle = (_, res) => {
      res.write("{");
      timer = setInterval(() => res.write(" "), 50);
    };
    for (const answer of [() => {}, trickle]) {
      const left = leaves(answer);
      const signal = AbortSignal.timeout(300);
      await expect(read(await open(), signal)).rejects.toThrow();
      expect(signal.aborted).toBe(true);
      await left;
      clearInterval(timer);
    }
  });

  it("[S2] a server that is not there is named, and has its answer once it is back", async () => {
    handle = json({ orders: 1 });
    const source = await open();
    await read(source);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(read(source)).rejects.toThrow(`127.0.0.1:${port} refuses connections`);
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    expect(await read(source)).toMatchObject({ orders: 1 });
    await expect(read(await open({ url: "http://nowhere.invalid/" }))).rejects.toThrow(
      /^(There is no such host: nowhere.invalid|nowhere.invalid cannot be looked up now)$/,
    );
    await expect(read(await open({ url: `https://127.0.0.1:${port}/` }))).rejects.toThrow(
      `127.0.0.1:${port} does not answer with TLS`,
    );
  });
});
