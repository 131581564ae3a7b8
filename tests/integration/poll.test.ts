import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CodedError } from "@/lib/shared/codes";
import { someUpdate } from "../support/live-flow";
import { type LiveServer, startLiveServer } from "../support/live-server";
import { eventually } from "../support/live-wait";

let server: LiveServer;
beforeAll(async () => {
  server = await startLiveServer();
  await server.append(someUpdate("gauges"));
});
afterAll(() => server.close());

const poll = (query: string, headers: Record<string, string> = {}, signal?: AbortSignal) =>
  server.get(`/api/live/poll?channels=gauges${query}`, { headers, signal });
const head = () => server.runtime.hub.cursor;
const waiting = () => server.runtime.hub.viewers().waiting;

describe("an answer", () => {
  it("[T3] is a frame with its end as the entity tag, and nobody else's to keep", async () => {
    for (const path of ["poll", "snapshot"]) {
      const response = await server.get(`/api/live/${path}?channels=gauges`);
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe("application/json");
      expect(response.headers.get("etag")).toBe(`"${head()}"`);
      expect(response.headers.get("cache-control")).toBe("private, no-store");
      expect(response.headers.get("vary")).toContain("Cookie");
      expect(response.headers.get("vary")).toContain("Authorization");
      expect(await response.json()).toMatchObject({ to: head(), snapshot: {}, now: expect.any(Number) });
    }
  });

  it("[T3] is 304 at once when there is nothing new, and nothing of other channels is new", async () => {
    const cursor = head();
    await server.append(someUpdate("meters"));
    for (const wait of ["", "&wait=0"]) {
      const response = await poll(`&cursor=${cursor}${wait}`);
      expect(response.status).toBe(304);
      // All that it says of the server's clock.
      expect(Math.abs(Date.parse(response.headers.get("date")!) - Date.now())).toBeLessThan(5000);
      expect(response.headers.get("etag")).toBe(`"${cursor}"`);
      expect(response.headers.get("cache-control")).toBe("private, no-store");
      expect(await response.text()).toBe("");
    }
  });

  it("[T3] is given to HEAD at once, and is the same: nobody would read the news waited for", async () => {
    const ask = (query: string, method: string) =>
      server.runtime.endpoints.poll(new Request(`${server.url}/api/live/poll?${query}`, { method }));
    const cursor = head();
    const answer = await Promise.race([
      ask(`channels=gauges&cursor=${cursor}&wait=20`, "HEAD"),
      new Promise<undefined>((resolve) => setTimeout(resolve, 1000)),
    ]);
    expect(answer?.status).toBe(304);
    expect(answer?.headers.get("etag")).toBe(`"${cursor}"`);
    expect(waiting()).toBe(0);
    for (const method of ["HEAD", "GET"]) {
      expect((await ask(`channels=gauges&cursor=${cursor}&wait=x`, method)).status).toBe(400);
      expect((await ask("channels=gauges&wait=20", method)).status).toBe(200);
    }
  });

  it("[T3] is chosen by If-None-Match alone: 304, or a snapshot but no updates", async () => {
    const before = head();
    const tag = { "If-None-Match": `"${before}"` };
    expect((await poll("", tag)).status).toBe(304);
    expect((await poll("", { "If-None-Match": `W/"${before}"` })).status).toBe(304);
    await server.append(someUpdate("gauges"));
    const news = await poll("", tag);
    expect(news.status).toBe(200);
    const frame = await news.json();
    expect(frame).toMatchObject({ to: head(), snapshot: { gauges: {} } });
    expect(frame).not.toHaveProperty("updates");
    for (const other of ["*", '"nonsense"', '"a.1-0", "b.2-0"', `"other.${before.split(".")[1]}"`])
      expect(await (await poll("", { "If-None-Match": other })).json()).toHaveProperty("snapshot");
  });

  it("[T3] follows `cursor` and not If-None-Match when both are there", async () => {
    const cursor = head();
    await server.append(someUpdate("gauges"));
    const tag = { "If-None-Match": `"${head()}"` };
    expect(await (await poll(`&cursor=${cursor}`, tag)).json()).toMatchObject({ from: cursor, to: head() });
    expect((await poll(`&cursor=${head()}`, { "If-None-Match": `"${cursor}"` })).status).toBe(304);
  });

  it("[T4] of a snapshot is always whole, and 304 when nothing happened", async () => {
    const path = "/api/live/snapshot?channels=gauges,visits";
    const tag = { headers: { "If-None-Match": `"${head()}"` } };
    expect((await server.get(path, tag)).status).toBe(304);
    await server.append(someUpdate("meters"));
    expect((await server.get(path, tag)).status).toBe(304);
    await server.append(someUpdate("visits"));
    const frame = await (await server.get(`${path}&cursor=${head()}`, tag)).json();
    expect(Object.keys(frame.snapshot)).toEqual(["gauges", "visits"]);
    expect(frame).not.toHaveProperty("from");
    expect(frame).not.toHaveProperty("updates");
  });

  it("[T3] is 503 when it needs the log and the log cannot be read", async () => {
    const cursor = head();
    await server.append({ ch: "visits", items: [{ page: "y".repeat(9_000_000) }] });
    await server.append({ ch: "visits", items: [{}, {}, {}] });
    server.log.failing.read = new CodedError("log_unavailable");
    const response = await poll(`&cursor=${cursor}`);
    server.log.failing.read = undefined;
    expect(response.status).toBe(503);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.json()).toMatchObject({ code: "log_unavailable" });
  });
});

describe("a held request", () => {
  it("[T3] is answered as soon as one of its channels has news", async () => {
    const cursor = head();
    const held = poll(`&cursor=${cursor}&wait=20`);
    await eventually(() => expect(waiting()).toBe(1));
    await server.append(someUpdate("meters"));
    expect(waiting()).toBe(1);
    const news = await server.append(someUpdate("gauges"));
    expect(await (await held).json()).toMatchObject({ from: cursor, to: news });
    expect(waiting()).toBe(0);
  });

  it("[T3] is 304 after its wait", async () => {
    const started = performance.now();
    expect((await poll(`&cursor=${head()}&wait=0.2`)).status).toBe(304);
    expect(performance.now() - started).toBeGreaterThan(180);
  });

  it("[T3] waits with If-None-Match alone as well", async () => {
    const held = poll("&wait=20", { "If-None-Match": `"${head()}"` });
    await eventually(() => expect(waiting()).toBe(1));
    await server.append(someUpdate("gauges"));
    expect(await (await held).json()).toHaveProperty("snapshot");
  });

  it("[T3] does not wait when the client lacks something already", async () => {
    const cursor = head();
    const asks = [
      poll("&wait=20"),
      poll(`&cursor=${cursor}&fresh=gauges&wait=20`),
      poll("&cursor=x.1-0&wait=20"),
    ];
    for (const answer of await Promise.all(asks)) expect(await answer.json()).toHaveProperty("snapshot");
  });

  it("[T7] is told at once that it lost a channel, and then waits as it should", async () => {
    const cursor = head();
    const held = server.get(`/api/live/poll?channels=gauges,meters&cursor=${cursor}&wait=20`);
    await eventually(() => expect(waiting()).toBe(1));
    const change = await server.deny("meters");
    try {
      expect(await (await held).json()).toMatchObject({ to: change, updates: [], denied: ["meters"] });
      // Asking for what is refused is no news: it must not become a hot loop.
      const next = `channels=gauges,meters&fresh=meters&cursor=${change}`;
      expect((await server.get(`/api/live/poll?${next}`)).status).toBe(304);
      const again = server.get(`/api/live/poll?${next}&wait=20`);
      await eventually(() => expect(waiting()).toBe(1));
      await server.deny();
      const frame = await (await again).json();
      expect(Object.keys(frame.snapshot)).toEqual(["meters"]);
      expect(frame).not.toHaveProperty("denied");
    } finally {
      await server.deny();
    }
  });

  it("[T3] is forgotten when the client goes away", async () => {
    const controller = new AbortController();
    const held = poll(`&cursor=${head()}&wait=20`, {}, controller.signal);
    await eventually(() => expect(waiting()).toBe(1));
    controller.abort();
    await expect(held).rejects.toThrow();
    await eventually(() => expect(waiting()).toBe(0));
  });

  it.each(["-1", "soon", "Infinity", "1e9999"])("[T6] cannot wait for %s seconds", async (wait) => {
    const response = await poll(`&wait=${wait}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: "bad_request", field: "wait" });
  });
});
