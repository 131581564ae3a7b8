import { z } from "zod";
import type { Channel } from "@/lib/shared/define-channel";
import { frameSchema } from "@/lib/shared/protocol";
import manifest from "@/package.json";
import { taggedJson } from "../http/tagged-json";
import { ACCEPTED_SCHEMA, GROUP_SCHEMA, ingestPath } from "./ingest-paths";
import { PROBLEM_SCHEMA } from "./problems";
import { READING_PATHS } from "./reading-paths";

/** The description of the HTTP interface in OpenAPI 3.1, for these channels. */
export function openApi(channels: readonly Channel[]) {
  const ingested = channels.filter(({ filledBy }) => filledBy === "ingest").map(ingestPath);
  const { $schema: _, ...frame } = z.toJSONSchema(frameSchema, { io: "input" });
  return {
    openapi: "3.1.0",
    info: {
      title: "Nowboard",
      version: manifest.version,
      description:
        "What producers send, and what programs read. `/docs/ingest` shows how, with examples to copy.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    tags: [{ name: "ingest" }, { name: "read" }],
    paths: { ...Object.fromEntries(ingested.map(({ path, item }) => [path, item])), ...READING_PATHS },
    components: {
      securitySchemes: {
        key: { type: "http", scheme: "bearer", description: "An ingest key, from `npm run key -- create`." },
      },
      schemas: {
        Problem: PROBLEM_SCHEMA,
        Accepted: ACCEPTED_SCHEMA,
        Group: GROUP_SCHEMA,
        Frame: frame,
        ...Object.fromEntries(ingested.map(({ schemaName, schema }) => [schemaName, schema])),
      },
    },
  };
}

/** `GET /api/openapi.json`, with ETag and 304. Made once, at the first request, as channels do not change while the server runs. */
export function createOpenApi(channels: readonly Channel[]): (request: Request) => Response {
  let document: object | undefined;
  return (request) => {
    document ??= openApi(channels);
    return taggedJson(request, document);
  };
}
