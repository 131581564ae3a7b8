import { z } from "zod";
import { CodedError } from "@/lib/shared/codes";
import type { Channel, ColumnOptions, Row } from "@/lib/shared/define-channel";
import { ingestFields } from "@/lib/shared/ingest-fields";
import type { NewUpdate } from "../log/log";

/** A source time this far ahead is taken for a skewed clock and refused, ms. */
const MAX_AHEAD_MS = 5 * 60_000;
const MAX_TEXT = 2000;
/** Keys that would reach an object's prototype. */
const RESERVED = new Set(["__proto__", "constructor", "prototype"]);

// JSON.parse makes Infinity of 1e400 and rounds 2^53 + 1: both would store another number than was sent.
const number = z
  .number("must be a finite number")
  .refine(
    (value) => !Number.isInteger(value) || Number.isSafeInteger(value),
    "is beyond the exact integers (±2^53 − 1)",
  );
const text = z.string().max(MAX_TEXT);

/** Source time: ms since 1970, or an ISO 8601 date with a time zone. */
const sourceTime = z.union([
  // The last time that a date can say (ECMA-262, 21.4.1.1).
  z.int().min(0).max(8.64e15),
  z.iso.datetime({ offset: true }).transform((iso) => Date.parse(iso)),
]);

function cellSchema({ type, ...column }: ColumnOptions) {
  if (type === "number") return number.nullable();
  if (type === "time") return sourceTime.nullable();
  if (column.oneOf) return z.enum(column.oneOf, `must be one of: ${column.oneOf.join(", ")}`).nullable();
  return z.union([text.max(column.maxLength ?? MAX_TEXT), z.boolean()]).nullable();
}

/** Of a field that every item has. */
function requiredSchema({ oneOf, maxLength = MAX_TEXT }: ColumnOptions) {
  if (oneOf) return z.enum(oneOf, `must be one of: ${oneOf.join(", ")}`);
  return z.string("must be given, as text").max(maxLength).regex(/\S/, "must not be empty");
}

/** Of a table's row any part may be given; of a feed's item not less than what is required. */
function cells(columns: Record<string, ColumnOptions>, isWhole: boolean) {
  return Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [
      name,
      isWhole && column.required ? requiredSchema(column) : cellSchema(column).optional(),
    ]),
  );
}

/** What a producer may send to a channel, one update. */
export function ingestSchema(channel: Channel): z.ZodType {
  return described(objectSchema(channel), channel);
}

/** Each field with its words, which come out in the JSON Schema. */
function described(schema: z.ZodObject, channel: Channel): z.ZodObject {
  const words = ingestFields(channel).map(({ name, title, unit, about }) => {
    const description = [unit === undefined ? title : `${title} (${unit})`, about].filter(Boolean).join(". ");
    return [name, (schema.shape[name] as z.ZodType).describe(description)] as const;
  });
  return schema.safeExtend(Object.fromEntries(words));
}

function objectSchema(channel: Channel): z.ZodObject {
  const base = { ts: sourceTime.optional() };
  if (channel.kind === "record") {
    const metrics = Object.fromEntries(
      Object.keys(channel.metrics).map((name) => [name, number.nullable().optional()]),
    );
    return z.strictObject({ ...metrics, ...base });
  }
  if (channel.kind === "feed") return z.strictObject({ ...cells(channel.feed.fields, true), ...base });
  const { columns, key } = channel.table;
  const keySchema = text
    .min(1)
    .max(200)
    .refine((value) => !RESERVED.has(value), "is a reserved word");
  return z.strictObject({
    ...cells(columns, false),
    ...base,
    [key]: keySchema,
    $delete: z.literal(true).optional(),
  });
}

/** Turns one JSON value into an update of the channel. Throws `invalid_field` or `future_timestamp`. */
export type Validate = (value: unknown, now: number, index?: number) => NewUpdate;

/**
 * The check for one channel, made from its definition. What a producer sends is flat: for a record
 * `{metric: number|null, …}`, for a table a row with its key (`$delete: true` removes it), for a feed an
 * item; each with an optional `ts`.
 */
export function ingestValidator(channel: Channel): Validate {
  const schema = ingestSchema(channel);
  return (value, now, index) => {
    const parsed = schema.safeParse(value);
    if (!parsed.success) {
      const { field, message } = describe(parsed.error);
      throw new CodedError("invalid_field", field ? `${field}: ${message}` : message, { field, index });
    }
    const { ts, ...rest } = parsed.data as { ts?: number; $delete?: true } & Row;
    if (ts !== undefined && ts > now + MAX_AHEAD_MS) {
      throw new CodedError(
        "future_timestamp",
        "ts: lies more than five minutes ahead of this server's clock",
        { field: "ts", index },
      );
    }
    checkEnds(channel, rest, ts ?? now, index);
    if (Object.keys(rest).length === 0)
      throw new CodedError("invalid_field", `Nothing of ${channel.name} is named.`, { index });
    return { ch: channel.name, ...(ts !== undefined && { ts }), ...change(channel, rest) };
  };
}

/** Throws `invalid_field` for a stretch that ends before it begins, at `begin` (ms), or is too long. */
function checkEnds(channel: Channel, item: Row, begin: number, index?: number): void {
  if (channel.kind !== "feed") return;
  for (const [field, { endsWithin }] of Object.entries(channel.feed.fields)) {
    const end = item[field];
    if (endsWithin === undefined || typeof end !== "number") continue;
    if (end < begin) throw new CodedError("invalid_field", `${field}: lies before ts`, { field, index });
    if (end > begin + endsWithin)
      throw new CodedError("invalid_field", `${field}: lies too long after ts`, { field, index });
  }
}

function change(channel: Channel, rest: Row & { $delete?: true }): Pick<NewUpdate, "set" | "rows" | "items"> {
  if (channel.kind === "record") return { set: rest as Record<string, number | null> };
  if (channel.kind === "feed") return { items: [rest] };
  const { $delete, ...row } = rest;
  return { rows: { [String(row[channel.table.key])]: $delete ? null : row } };
}

function describe(error: z.ZodError): { field?: string; message: string } {
  const issue = error.issues[0]!;
  if (issue.code === "unrecognized_keys")
    return { field: issue.keys[0], message: "is not known to this channel" };
  const field = issue.path.length > 0 ? issue.path.join(".") : undefined;
  return { field, message: field ? issue.message : "A JSON object is expected." };
}
