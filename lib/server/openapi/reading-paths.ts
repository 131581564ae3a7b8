import type { Code } from "@/lib/shared/codes";
import { problemResponses } from "./problems";

const READING: Code[] = ["forbidden_host", "forbidden_origin", "overloaded", "internal"];
const LIVE: Code[] = ["bad_request", "invalid_cursor", "too_many_channels", "unknown_channel", ...READING];
const HELD: Code[] = [
  ...LIVE,
  "too_many_connections",
  "server_full",
  "log_unavailable",
  "behind",
  "stopping",
];

interface Query {
  name: string;
  description: string;
  required?: boolean;
  type?: "string" | "integer";
}

const CHANNELS: Query = { name: "channels", description: "Names, separated by commas.", required: true };
const CURSOR: Query = { name: "cursor", description: "Read on from here; else a snapshot." };
const FRESH: Query = { name: "fresh", description: "Of these channels a snapshot, whatever the cursor." };
const SPARSE: Query = {
  name: "sparse",
  description: "1: one frame a second at most, to save data.",
};
const FROM: Query = { name: "from", description: "ms since 1970, or ISO 8601 with a zone.", required: true };
const TO: Query = { name: "to", description: "The same; the range ends before it.", required: true };

const JSON_FRAME = { "application/json": { schema: { $ref: "#/components/schemas/Frame" } } };
const SOME_JSON = { "application/json": { schema: { type: "object" } } };

/** One `GET` that answers 200 with this content, and 304 where it has an ETag. */
function read(
  operationId: string,
  summary: string,
  {
    query = [],
    content = SOME_JSON as object,
    codes,
    tagged = true,
  }: {
    query?: Query[];
    content?: object;
    codes: Code[];
    tagged?: boolean;
  },
) {
  return {
    get: {
      ...{ operationId, summary, tags: ["read"] },
      parameters: query.map(({ name, description, required = false, type = "string" }) => ({
        ...{ name, in: "query", description, required, schema: { type } },
      })),
      responses: {
        "200": { description: "The answer.", content },
        ...(tagged && { "304": { description: "Nothing new since what If-None-Match names." } }),
        ...problemResponses(codes),
      },
    },
  };
}

/** What is read over HTTP, by path. */
export const READING_PATHS = {
  "/api/channels": read("channels", "All channels with their metrics, columns and fields", {
    codes: READING,
    tagged: false,
  }),
  "/api/history": read("history", "The past of a channel's metrics, in buckets", {
    query: [
      { name: "channel", description: "One of metrics.", required: true },
      { name: "metrics", description: "Names, separated by commas; all of them by default." },
      ...[FROM, TO],
      { name: "points", description: "About how many buckets; 300 by default.", type: "integer" },
    ],
    codes: ["bad_request", "invalid_range", "unknown_channel", "history_unavailable", ...READING],
  }),
  "/api/annotations": read("annotations", "What happened when, in a range", {
    query: [FROM, TO],
    codes: ["bad_request", "invalid_range", "unknown_channel", "history_unavailable", ...READING],
  }),
  "/api/live/snapshot": read("snapshot", "All that is known of some channels now", {
    query: [CHANNELS],
    content: JSON_FRAME,
    codes: [...LIVE, "log_unavailable"],
  }),
  "/api/live/poll": read("poll", "What is new since a cursor", {
    query: [
      ...[CHANNELS, CURSOR, FRESH, SPARSE],
      { name: "wait", description: "Seconds to wait for news, up to 55.", type: "integer" },
    ],
    content: JSON_FRAME,
    codes: HELD,
  }),
  "/api/live/events": read("events", "The same as a stream of server-sent events `frame` and `beat`", {
    query: [CHANNELS, CURSOR, FRESH, SPARSE],
    content: { "text/event-stream": { schema: { type: "string" } } },
    codes: HELD,
    tagged: false,
  }),
};
