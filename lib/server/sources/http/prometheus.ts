import type { Cell, Channel, Row } from "@/lib/shared/define-channel";
import type { PrometheusOptions, Series } from "@/lib/shared/sources/prometheus";
import type { AnyReading, Source } from "../define-source";
import type { OpenContext } from "../open-source";
import { pullSource } from "../pull-source";
import { growthPerSecond, type Totals } from "./counter-growth";
import { createFetcher } from "./fetch-limited";
import { httpAddress, httpHeaders } from "./http-address";
import { type Sample, samplesOf } from "./prometheus-text";

const MAX_BYTES = 5_000_000;
const ACCEPT = "text/plain;version=0.0.4, text/plain;q=0.5, */*;q=0.1";

/** A source that scrapes a metrics page. Throws for an address or a choice of series that cannot work. */
export function prometheusSource(channel: Channel, options: PrometheusOptions, context: OpenContext): Source {
  const { url, target, hidesPaths } = httpAddress(context, options.url);
  const headers = httpHeaders(context, options.headers);
  const { allowed } = context;
  const reading = scrapeReader(channel, options);
  const fetcher = createFetcher({ accept: ACCEPT, headers, maxBytes: MAX_BYTES, allowed, hidesPaths });
  return pullSource({
    ...{ channel, options, target, kind: "Prometheus" },
    read: async ({ signal, now }) => {
      const samples = await fetcher.get({ url, signal, read: reading.samples });
      // A read that was cut must not become the one that the next is compared with.
      signal.throwIfAborted();
      return reading.of(samples, now);
    },
    close: fetcher.close,
  });
}

/** Makes readings of one page's scrapes, and remembers the last for rates. */
export function scrapeReader(channel: Channel, { values, by }: Pick<PrometheusOptions, "values" | "by">) {
  const key = keyOf(channel, by);
  const wanted = Object.entries(values as Partial<Record<string, Series | string>>).map(
    ([name, series]): [string, Series] => [name, typeof series === "object" ? series : { name: series! }],
  );
  const names = new Set(wanted.map(([, { name }]) => name));
  let last: Totals | undefined;

  function numberOf(series: Series, samples: Sample[], totals: Totals): number | null {
    const of = samples.filter((sample) => isOf(sample, series));
    if (series.rate)
      return growthPerSecond(
        last,
        totals,
        of.map((sample) => sample.series),
      );
    return of.length > 0 ? of.reduce((sum, { value }) => sum + value, 0) : null;
  }

  function cellsOf(samples: Sample[], totals: Totals): Record<string, Cell> {
    return Object.fromEntries(wanted.map(([name, series]) => [name, numberOf(series, samples, totals)]));
  }

  return {
    samples: (text: string) => samplesOf(text, names),
    of(samples: Sample[], now: number): AnyReading {
      const totals = { at: now, of: new Map(samples.map(({ series, value }) => [series, value])) };
      const reading =
        key === undefined
          ? (cellsOf(samples, totals) as Record<string, number | null>)
          : [...grouped(samples, by!)].map(
              ([label, own]): Row => ({ ...cellsOf(own, totals), [key]: label }),
            );
      last = totals;
      return reading;
    },
  };
}

/** The column that has the label's value; none for a record. Throws where the two do not fit. */
export function keyOf(channel: Channel, by: string | undefined): string | undefined {
  if (channel.kind === "feed") throw new Error("Prometheus fills records and tables, not feeds");
  if (channel.kind === "record") {
    if (by !== undefined) throw new Error("by is of a table, and this channel is a record");
    return undefined;
  }
  if (by === undefined) throw new Error("a table needs by, the label that its rows are of");
  return channel.table.key;
}

function isOf({ name, labels }: Sample, series: Series): boolean {
  return (
    name === series.name &&
    Object.entries(series.where ?? {}).every(([label, value]) => (labels[label] ?? "") === value)
  );
}

/** By the value of a label; samples without it are in no row. */
function grouped(samples: Sample[], label: string): Map<string, Sample[]> {
  const groups = new Map<string, Sample[]>();
  for (const sample of samples) {
    const value = sample.labels[label];
    if (!value) continue;
    const group = groups.get(value);
    if (group) group.push(sample);
    else groups.set(value, [sample]);
  }
  return groups;
}
