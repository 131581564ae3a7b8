import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { channels } from "@/lib/channels/registry";
import { addElement, addImport } from "@/lib/new/edit";
import { namesOf } from "@/lib/new/names";
import { channelFile, sourceFile } from "@/lib/new/templates";
import { watchChannels } from "@/lib/server/dev/hot-channels";
import { parseCursor } from "@/lib/shared/cursor";
import type { Frame } from "@/lib/shared/protocol";
import type { TableState } from "@/lib/shared/state";
import { ROOT } from "../arch/source-files";
import { TRANSPORTS } from "../support/live-reader";
import { type LiveServer, startLiveServer } from "../support/live-server";
import { Viewer } from "../support/live-viewer";
import { eventually } from "../support/live-wait";

let server: LiveServer;
let folder: string;
let stop: () => void;
/** What the developer read in the terminal. */
let printed: string;

const inFolder = (file: string) => join(folder, "channels", file);
const read = (file: string) => readFileSync(inFolder(file), "utf8");
const write = (file: string, text: string) => writeFileSync(inFolder(file), text);
const edit = (file: string, from: string | RegExp, to: string) => write(file, read(file).replace(from, to));
const isPrinted = (words: string) => eventually(() => expect(printed).toContain(words));

const stock = namesOf("stock");
/** As `npm run new:channel stock` does. */
function addStock(filledBy: "ingest" | "source" = "ingest") {
  write("stock.ts", channelFile(stock, filledBy));
  write("registry.ts", addElement(addImport(read("registry.ts"), "stock", "./stock"), "channels", "stock"));
}

async function post(channel: string, body: object): Promise<{ status: number; cursor: string }> {
  const response = await server.get(`/api/ingest/${channel}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, ...(await response.json()) };
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "nowboard-hot-"));
  cpSync(join(ROOT, "lib/channels"), join(folder, "channels"), { recursive: true });
  // As in this project: modules, not CommonJS.
  writeFileSync(join(folder, "package.json"), '{"type": "module"}');
  server = await startLiveServer({ channels, archives: true });
  printed = "";
  stop = watchChannels(server.runtime, {
    folder: pathToFileURL(`${inFolder("")}/`),
    print: (line) => {
      printed += line;
    },
  });
});

afterEach(async () => {
  stop();
  await server.close();
  rmSync(folder, { recursive: true });
});

describe("while the server runs in development", () => {
  it("a new channel is served, and who is connected goes on in the same log without a gap", async () => {
    const viewer = new Viewer(["business"]);
    const reader = TRANSPORTS.socket!(server, { channels: ["business"] });
    const frames: Frame[] = [];
    const take = async () => {
      const frame = await reader.next();
      frames.push(frame);
      viewer.take(frame);
    };
    await take();
    const [connection] = server.connections;
    expect((await post("stock", { current: 1 })).status).toBe(404);
    addStock();
    await isPrinted("new: stock");
    const { status, cursor } = await post("stock", { current: 3 });
    expect([status, parseCursor(cursor)!.epoch]).toEqual([202, viewer.epoch]);
    expect((await post("business", { orders: 7 })).status).toBe(202);
    while (viewer.applied.length === 0) await take();
    expect(viewer.applied).toEqual([expect.objectContaining({ set: { orders: 7 } })]);
    expect(viewer.snapshots).toHaveLength(1);
    expect([...server.connections]).toContain(connection);
    reader.close();

    const asked = await server.runtime.page(["stock", "business"]);
    expect(asked.frame.snapshot.stock).toMatchObject({ values: { current: 3 } });
    expect(asked.series.stock!.current).toHaveLength(1);
    const { paths } = await (await server.get("/api/openapi.json")).json();
    expect(paths).toHaveProperty("/api/ingest/stock");
    const to = Date.now() + 1000;
    await eventually(async () => {
      const answer = await server.get(`/api/history?channel=stock&from=${to - 60_000}&to=${to}`);
      expect((await answer.json()).metrics.current.last).toContain(3);
    });
  });

  it("a channel takes what its file says now, and one that is gone takes nothing", async () => {
    addStock();
    await isPrinted("new: stock");
    expect((await post("stock", { current: 3, total: 4 })).status).toBe(202);
    edit("stock.ts", "total: {", "sold: {");
    await isPrinted("changed: stock");
    expect((await post("stock", { total: 5 })).status).toBe(422);
    expect((await post("stock", { sold: 5 })).status).toBe(202);
    expect(server.runtime.hub.state("stock")).toMatchObject({ values: { current: 3, sold: 5 } });
    write("registry.ts", readFileSync(join(ROOT, "lib/channels/registry.ts"), "utf8"));
    await isPrinted("gone: stock");
    expect((await post("stock", { current: 3 })).status).toBe(404);
    expect((await post("business", { orders: 1 })).status).toBe(202);
  });

  it("what cannot be read is told with its file, and what was there goes on until it is mended", async () => {
    addStock();
    await isPrinted("new: stock");
    const good = read("stock.ts");
    for (const [broken, words] of [
      [good.replace("metrics: {", "metrics {"), /stock\.ts:\d+:\d+/],
      [good.replace("maxAge: 60_000", "maxAge: 6"), /stock\.ts: stock: maxAge must be at least the cadence/],
      [
        good.replace("const stock", "const stocks"),
        /registry\.ts: .* does not provide an export named 'stock'/,
      ],
      [good.replace('name: "stock"', 'name: "orders"'), /Two channels are called "orders"/],
    ] as const) {
      printed = "";
      write("stock.ts", broken);
      await eventually(() => expect(printed).toMatch(words));
      expect(printed).toContain("what was there before goes on");
      expect((await post("stock", { current: 3 })).status).toBe(202);
    }
    write("stock.ts", good);
    await isPrinted("as before again");
    expect((await post("stock", { current: 4 })).status).toBe(202);
  });

  it("a declared source is started with its channel, and one that cannot work changes nothing", async () => {
    addStock("source");
    write("stock.source.ts", sourceFile(stock));
    const list = "source-registry.ts";
    const imported = addImport(read(list), "stockSource", "./stock.source");
    write(list, addElement(imported, "declaredSources", "stockSource"));
    await isPrinted("the declared sources were started anew");
    const rows = () => (server.runtime.hub.state("sources") as TableState).rows;
    await eventually(() =>
      expect(rows().stock).toMatchObject({
        state: "Off",
        reason: expect.stringContaining("STOCK_DATABASE_URL"),
      }),
    );
    edit(
      "stock.source.ts",
      /kind: "postgres"[^}]*\}/,
      'kind: "http", url: "ftp://a/", metrics: {}, value: "$" }',
    );
    await isPrinted("cannot be taken over");
    expect(rows().stock).toMatchObject({ state: "Off" });
  });

  it("a page that is asked for before its channel was read waits for it", async () => {
    const page = Promise.resolve(server.runtime.page(["stock"]));
    addStock();
    expect((await page).frame.snapshot.stock).toEqual({ kind: "record", asOf: null, values: {}, ts: {} });
  });
});
