import { CODES, type Code } from "@/lib/shared/codes";

/** Of the answers that ask to come back (RFC 9110, 10.2.3). */
const RETRY_AFTER = {
  "Retry-After": {
    description: "Seconds to wait before the same request.",
    schema: { type: "integer", minimum: 1 },
  },
};
/** Those that say when. */
const WAITING = new Set([429, 503]);

/** The schema of RFC 9457's document, with what is ours. */
export const PROBLEM_SCHEMA = {
  type: "object",
  required: ["type", "title", "status", "code"],
  properties: {
    type: { const: "about:blank" },
    title: { type: "string" },
    status: { type: "integer" },
    code: { type: "string", enum: Object.keys(CODES) },
    detail: { type: "string", description: "What is wrong, in words." },
    field: { type: "string", description: "The part of the request at fault." },
    index: { type: "integer", description: "Of several updates: the place of the faulty one, from 0." },
    retryAfter: { type: "integer", description: "Seconds to wait before a retry." },
  },
};

/** The responses of an operation that may be refused with these codes: one for each status, as OpenAPI has it. */
export function problemResponses(codes: readonly Code[], advice: Partial<Record<Code, string>> = {}) {
  const statuses = [...new Set(codes.map((code) => CODES[code].status))].sort((a, b) => a - b);
  return Object.fromEntries(
    statuses.map((status) => {
      const mine = codes.filter((code) => CODES[code].status === status);
      const lines = mine.map((code) => {
        const todo = advice[code];
        return `- \`${code}\`: ${CODES[code].title}.${todo === undefined ? "" : ` ${todo}`}`;
      });
      const problem = {
        allOf: [{ $ref: "#/components/schemas/Problem" }, { properties: { code: { enum: mine } } }],
      };
      return [
        String(status),
        {
          description: lines.join("\n"),
          ...(WAITING.has(status) && { headers: RETRY_AFTER }),
          content: { "application/problem+json": { schema: problem } },
        },
      ];
    }),
  );
}
