import { z } from "zod";
import type { Channel, Row } from "@/lib/shared/define-channel";
import type { PromqlOptions } from "@/lib/shared/sources/prometheus";
import type { AnyReading, Source } from "../define-source";
import type { OpenContext } from "../open-source";
import { pullSource } from "../pull-source";
import { createFetcher } from "./fetch-limited";
import { httpAddress, httpHeaders } from "./http-address";
import { keyOf } from "./prometheus";

const MAX_BYTES = 1_000_000;

const point = z.tuple([z.number(), z.string()]);
const answerSchema = z.object({
  data: z.discriminatedUnion("resultType", [
    z.object({ resultType: z.literal("scalar"), result: point }),
    z.object({
      resultType: z.literal("vector"),
      result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: point.optional() })),
    }),
    z.object({ resultType: z.enum(["matrix", "string"]) }),
  ]),
});
const refusalSchema = z.object({ error: z.string() });

/** A series of a query's answer. A scalar is one without labels. */
interface Answer {
  labels: Record<string, string>;
  value: number;
}

/** A source of instant queries to a Prometheus server. Throws for an address that cannot work. */
export function promqlSource(channel: Channel, options: PromqlOptions, context: OpenContext): Source {
  const { url, target, hidesPaths } = httpAddress(context, options.url);
  const headers = httpHeaders(context, options.headers);
  const { allowed } = context;
  const fetcher = createFetcher({
    ...{ accept: "application/json", headers, maxBytes: MAX_BYTES, allowed, hidesPaths },
  });
  const key = keyOf(channel, options.by);
  const queries = Object.entries(options.queries as Record<string, string>).map(
    ([name, query]) => [name, queryAddress(url, query)] as const,
  );
  return pullSource({
    ...{ channel, options, target, kind: "Prometheus" },
    read: async ({ signal }) => {
      // The first failure ends the other queries, which nobody waits for any more.
      const failed = new AbortController();
      const either = AbortSignal.any([signal, failed.signal]);
      const ask = async ([name, url]: (typeof queries)[number]) => {
        try {
          const question = { url, signal: either, read: answersOf, reason: reasonOf };
          return [name, await fetcher.get(question)] as const;
        } catch (error) {
          failed.abort();
          throw named(name, error);
        }
      };
      const answers = await Promise.all(queries.map(ask));
      return key === undefined ? recordOf(answers) : rowsOf(answers, key, options.by!);
    },
    close: fetcher.close,
  });
}

function queryAddress(base: URL, query: string): URL {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/$/, "")}/api/v1/query`;
  url.searchParams.set("query", query);
  return url;
}

/** Says which value an error is about, and keeps what else it says. */
function named(name: string, error: unknown): unknown {
  if (error instanceof Error) error.message = `${name}: ${error.message}`;
  return error;
}

/** Throws a sentence for an answer that has no value for each series. */
export function answersOf(text: string): Answer[] {
  const parsed = answerSchema.safeParse(json(text));
  if (!parsed.success) throw new Error("The answer is not one of Prometheus");
  const { data } = parsed.data;
  if (data.resultType === "scalar") return [{ labels: {}, value: Number(data.result[1]) }];
  if (data.resultType !== "vector")
    throw new Error(`the query gives a ${data.resultType}, not the values of one moment`);
  return data.result.map(({ metric, value }) => {
    if (!value) throw new Error("the query gives histograms, not numbers");
    return { labels: metric, value: Number(value[1]) };
  });
}

function reasonOf(text: string): string | undefined {
  return refusalSchema.safeParse(json(text)).data?.error;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type Answers = readonly (readonly [name: string, series: Answer[]])[];

function recordOf(answers: Answers): AnyReading {
  const values = answers.map(([name, series]) => {
    if (series.length > 1)
      throw new Error(
        `${name}: the query gives ${series.length} series; make one of them, with sum() or avg()`,
      );
    return [name, series[0]?.value ?? null] as const;
  });
  return Object.fromEntries(values);
}

function rowsOf(answers: Answers, key: string, by: string): Row[] {
  const rows = new Map<string, Row>();
  for (const [name, series] of answers) {
    for (const { labels, value } of series) {
      const label = labels[by];
      if (!label) throw new Error(`${name}: the query gives series without the label ${by}; add by (${by})`);
      const row = rows.get(label) ?? { [key]: label };
      if (name in row)
        throw new Error(`${name}: the query gives several series of ${by} "${label}"; add by (${by})`);
      rows.set(label, { ...row, [name]: value });
    }
  }
  return [...rows.values()];
}
