/** One metric of a scrape: its samples by their labels, as they are written, `{a="b"}` or nothing. */
export interface Scraped {
  help: string;
  type: string;
  samples: Map<string, number>;
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const SAMPLE = new RegExp(`^(${NAME})(\\{(?:${NAME}="(?:[^"\\\\\\n]|\\\\.)*",?)*\\})? (\\S+)$`);
const PART = /_(bucket|sum|count)$/;

/**
 * Reads Prometheus' text format strictly: each metric has one HELP and one TYPE line, in front of its samples, and
 * no sample comes twice. The samples of a histogram keep their part: `_count{a="b"}`. Throws for anything else.
 */
export function parseMetrics(text: string): Map<string, Scraped> {
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  const metrics = new Map<string, Scraped>();
  let help: [name: string, text: string] | undefined;
  for (const line of text.split("\n").filter((line) => line !== "")) {
    const [, kind, name, rest] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (kind === "HELP") help = [name!, rest!];
    else if (kind === "TYPE") {
      if (help?.[0] !== name) throw new Error(`${name} has no HELP`);
      if (metrics.has(name!)) throw new Error(`${name} comes twice`);
      metrics.set(name!, { help: help![1], type: rest!, samples: new Map() });
    } else add(metrics, line);
  }
  return metrics;
}

function add(metrics: Map<string, Scraped>, line: string): void {
  const [, name, labels = "", value] = SAMPLE.exec(line) ?? [];
  if (name === undefined) throw new Error(`not a sample: ${line}`);
  const plain = metrics.get(name);
  const metric = plain ?? metrics.get(name.replace(PART, ""));
  if (!metric) throw new Error(`${name} has no TYPE`);
  const key = plain ? labels : `${PART.exec(name)![0]}${labels}`;
  if (metric.samples.has(key)) throw new Error(`${line} comes twice`);
  const number = Number(value!.replace("+Inf", "Infinity"));
  if (Number.isNaN(number) && value !== "Nan") throw new Error(`not a number: ${line}`);
  metric.samples.set(key, number);
}
