import { z } from "zod";
import type { Code } from "@/lib/shared/codes";
import type { Channel } from "@/lib/shared/define-channel";
import { INGEST_CODES, INGEST_ERRORS } from "@/lib/shared/ingest-errors";
import { ingestExample } from "@/lib/shared/ingest-fields";
import { IDEMPOTENCY_KEY, PRODUCER } from "../transports/ingest-body";
import { MAX_UPDATES } from "../transports/ingest-intake";
import { ingestSchema } from "../transports/ingest-schema";
import { problemResponses } from "./problems";

const PARAMETERS = [
  {
    name: "Idempotency-Key",
    in: "header",
    description:
      "The same post again within a day is stored once and gets the same answer. Not with a long upload.",
    schema: { type: "string", pattern: IDEMPOTENCY_KEY.source },
  },
  {
    name: "Nowboard-Producer",
    in: "header",
    description: "What the producer calls itself; `demo` is said on the screen.",
    schema: { type: "string", pattern: PRODUCER.source },
  },
];

export const ACCEPTED_SCHEMA = {
  type: "object",
  required: ["accepted", "cursor"],
  properties: {
    accepted: { type: "integer", description: "How many updates were stored." },
    cursor: { type: "string", description: "The place of the last one in the log." },
  },
};

/** What one line of the answer to a long upload is. */
export const GROUP_SCHEMA = {
  type: "object",
  properties: {
    lines: {
      type: "object",
      required: ["first", "last"],
      properties: { first: { type: "integer" }, last: { type: "integer" } },
    },
    ...ACCEPTED_SCHEMA.properties,
    error: { $ref: "#/components/schemas/Problem" },
  },
};

/** A JSON Schema of what the channel takes, made from the schema that checks it. */
function updateSchema(channel: Channel) {
  const { $schema: _, ...schema } = z.toJSONSchema(ingestSchema(channel), {
    io: "input",
    override: ({ jsonSchema }) => {
      // The format says it; the pattern is longer than the rest of the document.
      if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
    },
  });
  return schema;
}

/** `POST /api/ingest/{name}` of one channel, and the schema of one update under the name that it refers to. */
export function ingestPath(channel: Channel) {
  const { name, title, kind } = channel;
  const schemaName = `Ingest-${name}`;
  const one = ingestExample(channel);
  const $ref = `#/components/schemas/${schemaName}`;
  const codes = INGEST_CODES.filter((code) => code !== "table_full" || kind === "table");
  const operation = {
    operationId: `ingest-${name}`,
    summary: `Send to ${title}`,
    tags: ["ingest"],
    // Without a stored or set key nobody needs one.
    security: [{ key: [] }, {}],
    parameters: PARAMETERS,
    requestBody: {
      required: true,
      content: {
        "application/json": {
          schema: {
            oneOf: [{ $ref }, { type: "array", minItems: 1, maxItems: MAX_UPDATES, items: { $ref } }],
          },
          examples: { one: { value: one }, several: { value: [one, one] } },
        },
        "application/x-ndjson": {
          schema: { type: "string", description: "One update a line, each as JSON." },
          examples: { lines: { value: `${JSON.stringify(one)}\n${JSON.stringify(one)}\n` } },
        },
      },
    },
    responses: {
      "200": {
        description:
          "A long upload, without a length or over 1 MiB: a line for each group of lines, as it is stored.",
        content: { "application/x-ndjson": { schema: { $ref: "#/components/schemas/Group" } } },
      },
      "202": {
        description: "Stored, all of it.",
        content: { "application/json": { schema: { $ref: "#/components/schemas/Accepted" } } },
      },
      ...problemResponses(codes as Code[], INGEST_ERRORS),
    },
  };
  return {
    path: `/api/ingest/${name}`,
    item: { post: operation },
    schemaName,
    schema: updateSchema(channel),
  };
}
