import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, beforeAll, expect, it } from "vitest";
import { channels } from "@/lib/channels/registry";
import { openApi } from "@/lib/server/openapi/openapi";
import { IDEMPOTENCY_KEY } from "@/lib/server/transports/ingest-body";
import { CODES, type Code } from "@/lib/shared/codes";
import { INGEST_CODES, INGEST_ERRORS } from "@/lib/shared/ingest-errors";
import { testChannels } from "../support/live-channels";
import { type LiveServer, startLiveServer } from "../support/live-server";

let server: LiveServer;
beforeAll(async () => {
  server = await startLiveServer({ channels });
});
afterAll(() => server.close());

const ingested = channels.filter(({ filledBy }) => filledBy === "ingest").map(({ name }) => name);

interface Json {
  [key: string]: Json;
}
interface Description {
  paths: Record<string, Json>;
  components: { schemas: Record<string, Json> };
}

async function served(): Promise<Description> {
  const response = await server.get("/api/openapi.json");
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/json");
  return response.json();
}

it("[T5] the description is OpenAPI 3.1 as the standard's own schema has it, for every set of channels", async () => {
  for (const document of [await served(), openApi(testChannels), openApi([])]) {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(document as never);
    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
    expect(validator.version).toBe("3.1");
    // A reference that leads nowhere fails here.
    validator.resolveRefs();
  }
});

it("[T5] the description has a path for each channel that producers fill, and for what is read", async () => {
  const { paths } = await served();
  expect(Object.keys(paths)).toEqual([
    ...ingested.map((name) => `/api/ingest/${name}`),
    ...["/api/channels", "/api/history", "/api/annotations"],
    ...["/api/live/snapshot", "/api/live/poll", "/api/live/events"],
  ]);
});

it("[T5] the description says what the check says: types, bounds, what is required, and nothing else", async () => {
  const { components } = await served();
  expect(components.schemas["Ingest-business"]).toMatchObject({
    type: "object",
    additionalProperties: false,
    properties: {
      revenue: { type: ["number", "null"], description: expect.stringContaining("Revenue today (EUR)") },
      ts: {
        anyOf: [
          { type: "integer", minimum: 0 },
          { type: "string", format: "date-time" },
        ],
      },
    },
  });
  expect(components.schemas["Ingest-business"]).not.toHaveProperty("required");
  expect(components.schemas["Ingest-regions"]).toMatchObject({
    required: ["region"],
    properties: { region: { type: "string", minLength: 1, maxLength: 200 }, $delete: { const: true } },
  });
  expect(components.schemas["Ingest-annotations"]).toMatchObject({
    required: ["kind", "title"],
    properties: { kind: { enum: ["deploy", "note", "incident"] }, title: { maxLength: 80 } },
  });
});

it("[T5][T6] the description names every code that ingest answers, under its status, with what to do", async () => {
  const { paths } = await served();
  for (const name of ingested) {
    const { responses, parameters, security } = paths[`/api/ingest/${name}`]!.post as Json;
    expect(security).toEqual([{ key: [] }, {}]);
    expect(parameters).toMatchObject([
      { name: "Idempotency-Key", schema: { pattern: IDEMPOTENCY_KEY.source } },
      { name: "Nowboard-Producer" },
    ]);
    const codes = INGEST_CODES.filter((code) => code !== "table_full" || name === "regions");
    for (const code of codes) {
      const { description, content, headers } = responses![CODES[code].status]!;
      expect(description).toContain(`\`${code}\`: ${CODES[code].title}. ${INGEST_ERRORS[code]}`);
      expect(JSON.stringify(content)).toContain(`"${code}"`);
      if ([429, 503].includes(CODES[code].status)) expect(headers).toHaveProperty("Retry-After");
    }
    const statuses = new Set(codes.map((code) => String(CODES[code].status)));
    expect(Object.keys(responses!).filter((status) => status >= "400")).toEqual([...statuses].sort());
  }
});

it("[T5] every example of the description is taken by the server, one, several and as lines", async () => {
  const { paths } = await served();
  let posted = 0;
  for (const name of ingested) {
    const { requestBody } = paths[`/api/ingest/${name}`]!.post as Json;
    for (const [type, { examples }] of Object.entries(requestBody!.content as Json))
      for (const { value } of Object.values(examples as Json)) {
        const response = await server.get(`/api/ingest/${name}`, {
          method: "POST",
          body: typeof value === "string" ? value : JSON.stringify(value),
          headers: { "Content-Type": type },
        });
        expect(await response.json()).toMatchObject({ accepted: expect.any(Number) });
        expect(response.status).toBe(202);
        posted += 1;
      }
  }
  expect(posted).toBe(3 * ingested.length);
});

it("[T5] the description has a tag, and 304 for who knows it", async () => {
  const first = await server.get("/api/openapi.json");
  const tag = first.headers.get("etag")!;
  const again = await server.get("/api/openapi.json", { headers: { "If-None-Match": tag } });
  expect([again.status, await again.text()]).toEqual([304, ""]);
});

it("[T6] every answer of ingest's own is in the table of what to do about it", () => {
  const { retry } = CODES.unknown_outcome;
  expect(retry).toBe(true);
  for (const [code, advice] of Object.entries(INGEST_ERRORS)) {
    expect(CODES[code as Code]).toBeDefined();
    expect(advice).toMatch(/^[A-Z].*\.$/);
  }
});
