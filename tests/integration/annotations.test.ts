import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { annotations as channel } from "@/lib/channels/annotations";
import type { Annotation, AnnotationList } from "@/lib/shared/annotations";
import type { Problem } from "@/lib/shared/codes";
import { type ArchiveStorage, postgresArchives, sqliteArchives } from "../support/archive-storage";
import { testChannels } from "../support/live-channels";
import { type LiveServer, startLiveServer } from "../support/live-server";
import { eventually } from "../support/live-wait";
import { startPostgres } from "../support/postgres-server";
import { publish } from "../support/producer";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const channels = [...testChannels, channel];

const postgres = await startPostgres();
afterAll(() => postgres.close());
const DATABASES = { SQLite: sqliteArchives, Postgres: () => postgresArchives(postgres) };

describe.each(["SQLite", "Postgres"] as const)("annotations, with an archive in %s", (database) => {
  let storage: ArchiveStorage;
  let server: LiveServer;

  async function start() {
    const { folder, url } = storage.place;
    const env = url === undefined ? undefined : { DATABASE_URL: url };
    server = await startLiveServer({ channels, folder, archives: true, env });
  }
  beforeEach(async () => {
    storage = await DATABASES[database]();
    await start();
  });
  afterEach(async () => {
    await server.close();
    await storage.destroy();
  });

  async function list(from: number, to: number): Promise<AnnotationList> {
    const response = await server.get(`/api/annotations?from=${from}&to=${to}`);
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    return response.json();
  }
  const titles = async (from: number, to: number) =>
    (await list(from, to)).annotations.map(({ title }) => title);

  function send(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const init = { "Content-Type": "application/json", ...headers };
    return server.get("/api/annotations", { method: "POST", headers: init, body: JSON.stringify(body) });
  }

  async function add(body: object): Promise<Annotation> {
    const response = await send(body);
    expect(response.status).toBe(201);
    return response.json();
  }

  const remove = (key: string) => server.get(`/api/annotations/${key}`, { method: "DELETE" });

  /** Waits until the archive itself, past what the feed holds, has so many; gives them. */
  function archived(count: number) {
    return eventually(async () => {
      const rows = await storage.rows("history_annotation");
      expect(rows).toHaveLength(count);
      return rows;
    });
  }

  it("[A6] answers what was posted, once, before and after a restart", async () => {
    const now = Date.now();
    const at = now - 3 * DAY;
    await publish(server, "annotations", {
      ...{ kind: "incident", title: "Card payments fail", text: "The provider is down.", by: "on call" },
      ...{ ts: at, until: at + HOUR },
    });
    await publish(server, "annotations", { kind: "deploy", title: "v1.42" });
    await eventually(async () => expect(await titles(now - 7 * DAY, now + 60_000)).toHaveLength(2));
    await archived(2);
    await server.close();
    await start();
    const { annotations, more } = await list(now - 7 * DAY, now + 60_000);
    expect(annotations).toMatchObject([
      {
        ...{ kind: "incident", title: "Card payments fail", text: "The provider is down.", by: "on call" },
        ...{ at, until: at + HOUR },
      },
      { kind: "deploy", title: "v1.42" },
    ]);
    expect(more).toBeUndefined();
    expect(annotations[1]!.at).toBeGreaterThanOrEqual(now - 1000);
    await archived(2);
  });

  it("[A6] keeps in the archive what the feed has no more, and answers the newest 500 of a range", async () => {
    const now = Date.now();
    const posted = Array.from({ length: 520 }, (_, i) => ({
      ...{ kind: "note", title: `note ${i}`, ts: now - 2 * DAY + i * 1000 },
    }));
    await publish(server, "annotations", posted);
    // At once, though the archive reads the log only now and then.
    const all = await list(now - 3 * DAY, now);
    expect(all.more).toBe(true);
    expect(all.annotations.map(({ title }) => title)).toEqual(posted.slice(20).map(({ title }) => title));
    expect(await titles(now - 2 * DAY, now - 2 * DAY + 3000)).toEqual(["note 0", "note 1", "note 2"]);
  });

  it("[A6] a stretch is in every range that it touches", async () => {
    const now = Date.now();
    const at = now - 10 * HOUR;
    await publish(server, "annotations", { kind: "incident", title: "long", ts: at, until: at + 4 * HOUR });
    await archived(1);
    for (const [from, to, is] of [
      [at - HOUR, at, false],
      [at - HOUR, at + 1, true],
      [at + HOUR, at + 2 * HOUR, true],
      [at + 4 * HOUR, at + 5 * HOUR, true],
      [at + 4 * HOUR + 1, at + 5 * HOUR, false],
    ] as const)
      expect(await titles(from, to), `${from - at}–${to - at}`).toEqual(is ? ["long"] : []);
  });

  it("[A6] one added by hand can be removed, at once and for good; one that was posted cannot", async () => {
    const now = Date.now();
    const note = await add({ kind: "note", title: "Wrong", text: "", ts: now - HOUR });
    expect(note).toMatchObject({ kind: "note", title: "Wrong", at: now - HOUR, byHand: true });
    expect(note).not.toHaveProperty("text");
    await publish(server, "annotations", { kind: "deploy", title: "v2" });
    await archived(2);
    const posted = (await list(now - DAY, now + 60_000)).annotations.find(({ title }) => title === "v2")!;
    const refused = await remove(posted.key);
    expect([refused.status, ((await refused.json()) as Problem).code]).toEqual([409, "not_removable"]);
    expect((await remove(note.key)).status).toBe(204);
    await eventually(async () => expect(await titles(now - DAY, now + 60_000)).toEqual(["v2"]));
    await archived(1);
    expect((await remove(note.key)).status).toBe(404);
    await server.close();
    await start();
    expect(await titles(now - DAY, now + 60_000)).toEqual(["v2"]);
    expect((await remove(note.key)).status).toBe(404);
  });

  it("[A6] one that only the archive still has can be removed", async () => {
    const now = Date.now();
    const note = await add({ kind: "note", title: "Old", ts: now - DAY });
    const others = Array.from({ length: 60 }, (_, i) => ({ kind: "deploy", title: `v${i}` }));
    await publish(server, "annotations", others);
    await archived(61);
    expect((await remove(note.key)).status).toBe(204);
    await archived(60);
    expect(await titles(now - 2 * DAY, now - HOUR)).toEqual([]);
  });

  it("[A6] an answer has a tag, 304 for who knows it, and is stored by nobody", async () => {
    const now = Date.now();
    const path = `/api/annotations?from=${now - DAY}&to=${new Date(now).toISOString()}`;
    const first = await server.get(path);
    const tag = first.headers.get("etag")!;
    expect(first.headers.get("cache-control")).toBe("private, no-store");
    const again = await server.get(path, { headers: { "If-None-Match": tag } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    await add({ kind: "note", title: "new", ts: now - HOUR });
    await eventually(async () => {
      const changed = await server.get(path, { headers: { "If-None-Match": tag } });
      expect(changed.status).toBe(200);
    });
  });

  it("[A6] hostile text is stored as it is, without what a database cannot hold", async () => {
    const title = `<img src=x onerror=alert(1)> '); drop table history_annotation; --`;
    await add({ kind: "note", title, text: "a\u0000b \ud800 é" });
    await add({ kind: "note", title: "after" });
    const stored = await archived(2);
    expect(stored.map((one) => one.title)).toEqual(expect.arrayContaining([title, "after"]));
    expect(stored.find((one) => one.title === title)!.text).toMatch(/^ab .{1,3} é$/);
  });
});

describe("requests for annotations", () => {
  let server: LiveServer;
  beforeEach(async () => {
    server = await startLiveServer({ channels });
  });
  afterEach(() => server.close());

  const json = { "Content-Type": "application/json" };
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    server.get(path, { method: "POST", headers: { ...json, ...headers }, body: JSON.stringify(body) });
  async function refusal(response: Response) {
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    const { status, code, field } = (await response.json()) as Problem;
    return [status, code, field].filter(Boolean).join(" ");
  }

  const now = Date.now();
  it.each([
    ["without a kind", { title: "no kind" }, "422 invalid_field kind"],
    ["of another kind", { kind: "party", title: "x" }, "422 invalid_field kind"],
    ["whose kind is null", { kind: null, title: "x" }, "422 invalid_field kind"],
    ["without a title", { kind: "note" }, "422 invalid_field title"],
    ["with an empty title", { kind: "note", title: "" }, "422 invalid_field title"],
    ["with a blank title", { kind: "note", title: " \n" }, "422 invalid_field title"],
    ["whose title is no text", { kind: "note", title: true }, "422 invalid_field title"],
    ["with a long title", { kind: "note", title: "x".repeat(81) }, "422 invalid_field title"],
    ["with a long text", { kind: "note", title: "x", text: "y".repeat(2001) }, "422 invalid_field text"],
    [
      "that ends before it begins",
      { kind: "note", title: "x", ts: 5000, until: 4000 },
      "422 invalid_field until",
    ],
    ["that ended before now", { kind: "note", title: "x", until: now - HOUR }, "422 invalid_field until"],
    ["that lasts too long", { kind: "note", title: "x", ts: 0, until: 400 * DAY }, "422 invalid_field until"],
    ["from the future", { kind: "note", title: "x", ts: now + HOUR }, "422 future_timestamp ts"],
    ["that takes another back", { kind: "note", title: "x", removes: "1-0.0" }, "422 invalid_field removes"],
    [
      "that says it was added by hand",
      { kind: "note", title: "x", byHand: true },
      "422 invalid_field byHand",
    ],
  ])("[A6][T5] what is no annotation is refused, whoever sends it: %s", async (_, body, expected) => {
    expect(await refusal(await post("/api/ingest/annotations", body))).toBe(expected);
    expect(await refusal(await post("/api/annotations", body))).toBe(expected);
  });

  it("[A6] by hand comes one at a time, as JSON, of a bounded size, and not in floods", async () => {
    const note = { kind: "note", title: "x" };
    expect(await refusal(await post("/api/annotations", [note]))).toBe("422 invalid_field");
    expect(await refusal(await post("/api/annotations", note, { "Content-Type": "text/plain" }))).toBe(
      "415 unsupported_media_type Content-Type",
    );
    expect(await refusal(await post("/api/annotations", { ...note, text: "y".repeat(20_000) }))).toBe(
      "413 payload_too_large",
    );
    const answers = await Promise.all(Array.from({ length: 20 }, () => post("/api/annotations", note)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses).toContain(201);
    expect(statuses).toContain(429);
  });

  it("[A6] sent again with the same key it is one", async () => {
    const note = { kind: "note", title: "once", ts: now - HOUR };
    const key = { "Idempotency-Key": "abc" };
    const [first, second] = [
      await post("/api/annotations", note, key),
      await post("/api/annotations", note, key),
    ];
    expect(first!.status).toBe(201);
    expect(await second!.json()).toEqual(await first!.json());
    const other = await post("/api/annotations", { ...note, title: "another" }, key);
    expect(await refusal(other)).toBe("422 idempotency_conflict");
  });

  it.each(["POST", "DELETE"])(
    "[A6] a %s from another site is refused, and changes nothing",
    async (method) => {
      const made = await post("/api/annotations", { kind: "note", title: "mine", ts: now - HOUR });
      const { key } = (await made.json()) as Annotation;
      const path = method === "POST" ? "/api/annotations" : `/api/annotations/${key}`;
      const body = method === "POST" ? JSON.stringify({ kind: "note", title: "theirs" }) : undefined;
      for (const foreign of [
        { Origin: "http://evil.example" },
        { Origin: "null" },
        { Origin: `${server.url}.evil.example` },
        { "Sec-Fetch-Site": "cross-site" },
      ]) {
        const response = await server.get(path, { method, headers: { ...json, ...foreign } as never, body });
        expect(await refusal(response)).toBe("403 forbidden_origin");
      }
      const feed = await (await server.get("/api/live/snapshot?channels=annotations")).json();
      expect(feed.snapshot.annotations).toMatchObject({ count: 1, items: [{ item: { title: "mine" } }] });
      const own = await server.get(path, { method, headers: { ...json, Origin: server.url }, body });
      expect(own.status).toBe(method === "POST" ? 201 : 204);
    },
  );

  it.each([
    ["", "400 invalid_range from"],
    ["from=1", "400 invalid_range to"],
    ["from=yesterday&to=2", "400 invalid_range from"],
    ["from=2&to=2", "400 invalid_range from"],
    ["from=1&to=90000000000", "400 invalid_range from"],
    [`from=${now}&to=${now + DAY}`, "400 invalid_range to"],
  ])("[A6] a range that is none is refused: %s", async (query, expected) => {
    expect(await refusal(await server.get(`/api/annotations?${query}`))).toBe(expected);
  });
});

it("[A6] without an archive: 503, and what is added is stored all the same", async () => {
  const server = await startLiveServer({ channels });
  try {
    const response = await server.get(`/api/annotations?from=1&to=2`);
    expect([response.status, ((await response.json()) as Problem).code]).toEqual([
      503,
      "history_unavailable",
    ]);
    const body = JSON.stringify({ kind: "note", title: "kept" });
    const init = { method: "POST", headers: { "Content-Type": "application/json" }, body };
    expect((await server.get("/api/annotations", init)).status).toBe(201);
  } finally {
    await server.close();
  }
});
