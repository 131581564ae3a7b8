import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LiveServer, startLiveServer } from "../support/live-server";

let server: LiveServer;
beforeAll(async () => {
  server = await startLiveServer();
});
afterAll(() => server.close());

const post = (path: string, body = '{"a": 1}') =>
  server.get(path, { method: "POST", body, headers: { "Content-Type": "application/json" } });

describe("ingest is answered without Next", () => {
  it("[T5] under every spelling of its path that Next would take", async () => {
    for (const path of ["/api/ingest/gauges", "/api/ingest/%67auges", "/api/ingest/gauges/?x=1"])
      expect((await post(path)).status, path).toBe(202);
    for (const path of ["/api/ingest/%", "/api/ingest/", "/api/ingest/gauges/more"])
      expect(await (await post(path)).text(), path).toBe("a page");
  });

  it("[T5][T6] and refuses other methods with what is allowed", async () => {
    for (const method of ["GET", "PUT", "DELETE"]) {
      const answer = await server.get("/api/ingest/gauges", { method });
      expect(answer.status).toBe(405);
      expect(answer.headers.get("allow")).toBe("POST");
      expect(await answer.json()).toMatchObject({ code: "method_not_allowed" });
    }
    expect((await server.get("/api/ingest/gauges", { method: "HEAD" })).status).toBe(405);
  });

  it("[T6] with the id of its request, and the channel's name decoded", async () => {
    const answer = await post("/api/ingest/no%20such");
    expect(answer.headers.get("x-request-id")).toMatch(/./);
    expect(await answer.json()).toMatchObject({
      code: "unknown_channel",
      detail: 'There is no channel "no such".',
    });
  });
});
