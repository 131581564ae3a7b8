import type { JSONValue } from "json-p3";
import type { Cell, Channel, Row } from "@/lib/shared/define-channel";
import type { HttpOptions, JsonValueAt } from "@/lib/shared/sources/http";
import type { AnyReading, Source } from "../define-source";
import type { OpenContext } from "../open-source";
import { pullSource } from "../pull-source";
import { createFetcher } from "./fetch-limited";
import { httpAddress, httpHeaders } from "./http-address";
import { jsonCell } from "./json-cell";
import { memberPath, valueAt, valuesAt } from "./json-path";

const MAX_BYTES = 1_000_000;

type Read<T> = (document: JSONValue) => T;

/** A source of JSON from an address. Throws for an address or a path that cannot work. */
export function httpSource(channel: Channel, options: HttpOptions, context: OpenContext): Source {
  const { url, target, hidesPaths } = httpAddress(context, options.url);
  const { maxBytes = MAX_BYTES } = options;
  const headers = httpHeaders(context, options.headers);
  const read = readingOf(channel, options);
  const { allowed } = context;
  const fetcher = createFetcher({ accept: "application/json", headers, maxBytes, allowed, hidesPaths });
  return pullSource({
    ...{ channel, options, target, kind: "HTTP" },
    read: ({ signal }) => fetcher.get({ url, signal, read: (text) => read(parsed(text)) }),
    close: fetcher.close,
  });
}

/** How a document becomes a reading of the channel. */
function readingOf(channel: Channel, options: HttpOptions): Read<AnyReading> {
  if (channel.kind === "feed") throw new Error("http fills records and tables, not feeds");
  if (channel.kind === "record") {
    if (options.rows !== undefined) throw new Error("rows are of a table, and this channel is a record");
    const types = Object.keys(channel.metrics).map((name) => [name, "number"] as const);
    return cellsOf(types, options) as Read<Record<string, number | null>>;
  }
  if (options.rows === undefined) throw new Error("a table needs rows, the JSONPath to them");
  const rows = valuesAt(options.rows);
  const types = Object.entries(channel.table.columns).map(([name, { type }]) => [name, type] as const);
  const cells = cellsOf(types, options);
  return (document) =>
    rows(document).map((row, i): Row => {
      try {
        return cells(row);
      } catch (error) {
        throw new Error(`Row ${i + 1}: ${(error as Error).message}`, { cause: error });
      }
    });
}

function cellsOf(
  types: readonly (readonly [name: string, type: "text" | "number" | "time"])[],
  { values = {} }: HttpOptions,
): Read<Record<string, Cell>> {
  const given = values as Partial<Record<string, JsonValueAt>>;
  const cells = types.map(([name, type]) => {
    const value = given[name] ?? memberPath(name);
    const { path, fromText } = typeof value === "string" ? { path: value, fromText: false } : value;
    const at = valueAt(path);
    return [name, (document: JSONValue) => cellAt(document, { name, path, at, type, fromText })] as const;
  });
  return (document) => Object.fromEntries(cells.map(([name, read]) => [name, read(document)]));
}

interface CellPlace {
  name: string;
  path: string;
  at: Read<JSONValue | undefined>;
  type: "text" | "number" | "time";
  fromText: boolean;
}

function cellAt(document: JSONValue, { name, path, at, type, fromText }: CellPlace): Cell {
  try {
    return jsonCell(at(document), type, fromText);
  } catch (error) {
    throw new Error(`${name}: ${path} ${(error as Error).message}`, { cause: error });
  }
}

/** What the text says instead is not told: it may repeat a secret. */
function parsed(text: string): JSONValue {
  try {
    return JSON.parse(text);
  } catch {
    const start = text.trimStart()[0];
    if (start === undefined) throw new Error("Not JSON: the answer is empty");
    if (start === "<") throw new Error("Not JSON: the answer is a page of HTML or XML");
    throw new Error("Not JSON: the answer is another text, or it is cut off");
  }
}
