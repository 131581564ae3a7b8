import type { Cell, Channel, ColumnOptions, MetricOptions, Unit } from "./define-channel";

/** One field of what a producer sends, for people and for the description that programs read. */
export interface IngestField {
  name: string;
  title: string;
  type: "number" | "text" | "time" | "true";
  /** In words: `EUR`, `ms`, `per second`. */
  unit?: string;
  required: boolean;
  about?: string;
  /** What a value may look like. Left out: the field is not in examples. */
  example?: Cell;
}

const UNIT_WORDS: Record<Unit, string | undefined> = {
  count: "count",
  percent: "%",
  bytes: "bytes",
  bytesPerSecond: "bytes per second",
  perSecond: "per second",
  milliseconds: "ms",
  currency: "currency",
  none: undefined,
};

const EXAMPLE_NUMBERS: Record<Unit, number> = {
  count: 12,
  percent: 4.25,
  bytes: 1_048_576,
  bytesPerSecond: 65_536,
  perSecond: 8.5,
  milliseconds: 12.5,
  currency: 49.9,
  none: 1.5,
};

const SOURCE_TIME: IngestField = {
  name: "ts",
  title: "Source time",
  type: "time",
  required: false,
  about: "When it was so; at most five minutes ahead. Left out: now.",
};

const DELETE: IngestField = {
  name: "$delete",
  title: "Delete",
  type: "true",
  required: false,
  about: "Takes the row out of the table.",
};

/** What can be sent to a channel, the time that all have last. */
export function ingestFields(channel: Channel): IngestField[] {
  if (channel.kind === "record")
    return [
      ...Object.entries(channel.metrics).map(([name, metric]) => numberField(name, metric)),
      SOURCE_TIME,
    ];
  if (channel.kind === "feed")
    return [
      ...Object.entries(channel.feed.fields).map(([name, field]) => columnField(name, field)),
      SOURCE_TIME,
    ];
  const { columns, key } = channel.table;
  const fields = Object.entries(columns).map(([name, column]) => {
    const field = columnField(name, column);
    return name === key ? { ...field, required: true, about: "Names the row." } : field;
  });
  return [...fields, DELETE, SOURCE_TIME];
}

/** Something that the channel takes, made from its definition. */
export function ingestExample(channel: Channel): Record<string, Cell> {
  return Object.fromEntries(
    ingestFields(channel).flatMap(({ name, example }) => (example === undefined ? [] : [[name, example]])),
  );
}

function numberField(name: string, options: Omit<MetricOptions, "type">): IngestField {
  const { title, unit, about } = options;
  return {
    ...{ name, title, type: "number", required: false, example: exampleNumber(options) },
    ...(UNIT_WORDS[unit] !== undefined && {
      unit: unit === "currency" ? (options.currency ?? UNIT_WORDS.currency) : UNIT_WORDS[unit],
    }),
    ...(about !== undefined && { about }),
  };
}

function exampleNumber({ unit, digits = 2, min = 0, max = Number.MAX_VALUE }: Omit<MetricOptions, "type">) {
  return Number(Math.min(max, Math.max(min, EXAMPLE_NUMBERS[unit])).toFixed(digits));
}

function columnField(name: string, column: ColumnOptions): IngestField {
  const { title, type, unit = "none", required = false } = column;
  if (type === "number") return { ...numberField(name, { ...column, title, unit }), required };
  if (type === "time") return { name, title, type, required };
  const { oneOf, maxLength, example } = column;
  const limits = oneOf ? `One of: ${oneOf.join(", ")}.` : maxLength && `At most ${maxLength} characters.`;
  return {
    ...{ name, title, type, required, example: example ?? oneOf?.[0] ?? title.slice(0, maxLength) },
    ...(limits && { about: limits }),
  };
}
