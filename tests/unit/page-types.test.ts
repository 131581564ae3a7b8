import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const COMPILE_MS = 120_000;

/** What a page's author has: channels, widgets and hooks. */
const IMPORTS = `
import { BarChart, HeatChart, LineChart, StackedChart } from "@/app/(dashboard)/charts";
import { MetricCard } from "@/components/cards/metric-card";
import { CategoryChart } from "@/components/charts/category-chart";
import { Gauge } from "@/components/charts/gauge";
import { sales, shelves, shop } from "@/components/gallery/gallery-channels";
import { useFeed, useMetric, useRows } from "@/components/live/hooks";
import { FeedTable } from "@/components/tables/feed-table";
import { LiveTable } from "@/components/tables/live-table";
import { defineChannel } from "@/lib/shared/define-channel";
const common = { name: "stock", title: "Stock", cadence: 1000, maxAge: 5000, filledBy: "ingest" } as const;
const text = { title: "Text", type: "text" } as const;
`;

/** A mistake, and the first line of what the compiler says to it. */
type Mistake = [what: string, code: string, message: string];

const MISSPELT: Mistake[] = [
  [
    "a metric of a card",
    "<MetricCard metric={shop.metrics.visitor} />",
    "Property 'visitor' does not exist on type '{ … }'. Did you mean 'visitors'?",
  ],
  [
    "a metric of a hook",
    "useMetric(shop.metrics.storrage)",
    "Property 'storrage' does not exist on type '{ … }'. Did you mean 'storage'?",
  ],
  [
    "a column of a chart",
    '<CategoryChart name="left" title="Left" table={shelves.table} column="lefft" />',
    `Type '"lefft"' is not assignable to type '"item" | "left" | "shelf" | "sold"'. Did you mean '"left"'?`,
  ],
  [
    "a column of a table",
    '<LiveTable table={shelves.table} columns={["itm"]} empty="" />',
    `Type '"itm"' is not assignable to type '"item" | "left" | "shelf" | "sold"'. Did you mean '"item"'?`,
  ],
  [
    "a field of a feed",
    '<FeedTable feed={sales.feed} phoneFields={["amout"]} empty="" />',
    `Type '"amout"' is not assignable to type '"amount" | "customer" | "item"'. Did you mean '"amount"'?`,
  ],
  [
    "a column of a row",
    "useRows(shelves.table).A1?.lefft",
    `Property 'lefft' does not exist on type 'Partial<Record<"item" | "left" | "shelf" | "sold", Cell>>'. Did you mean 'left'?`,
  ],
  [
    "a field of an item",
    "useFeed(sales.feed).items[0]?.item.amout",
    `Property 'amout' does not exist on type 'Partial<Record<"amount" | "customer" | "item", Cell>>'. Did you mean 'amount'?`,
  ],
];

const MISMATCHED: Mistake[] = [
  [
    "a card of a table",
    "<MetricCard metric={shelves.table} />",
    `Type 'TableRef<"item" | "left" | "shelf" | "sold">' is missing the following properties from type 'MetricRef': metric, unit`,
  ],
  [
    "a card of a whole channel",
    "<MetricCard metric={sales} />",
    `Type 'FeedChannel<"amount" | "customer" | "item">' is missing the following properties from type 'MetricRef': metric, unit, channel, channelTitle`,
  ],
  [
    "a gauge of a feed",
    "<Gauge metric={sales.feed} />",
    `Type 'FeedRef<"amount" | "customer" | "item">' is missing the following properties from type 'MetricRef': metric, unit`,
  ],
  ...["Line", "Stacked", "Bar"].map(
    (kind): Mistake => [
      `a ${kind.toLowerCase()} chart of a table`,
      `<${kind}Chart name="left" title="Left" metrics={[shelves.table]} />`,
      `Type 'TableRef<"item" | "left" | "shelf" | "sold">' is missing the following properties from type 'MetricRef': metric, unit`,
    ],
  ),
  [
    "a heat chart of a feed",
    '<HeatChart name="x" title="X" bands={[{ name: "all", metric: sales.feed }]} edgeFormat={{ unit: "none" }} />',
    `Type 'FeedRef<"amount" | "customer" | "item">' is missing the following properties from type 'MetricRef': metric, unit`,
  ],
  [
    "a table of a feed",
    '<LiveTable table={sales.feed} empty="" />',
    `Type 'FeedRef<"amount" | "customer" | "item">' is missing the following properties from type 'TableRef<string>': key, columns`,
  ],
  [
    "a feed's table of a metric",
    '<FeedTable feed={shop.metrics.orders} empty="" />',
    `Type 'MetricRef' is missing the following properties from type 'FeedRef<string>': fields, keep`,
  ],
  ["the table of a record", "shop.table", "Property 'table' does not exist on type 'RecordChannel<…>'."],
];

const INCOMPLETE: Mistake[] = [
  [
    "a metric without a unit",
    'defineChannel({ ...common, kind: "record", metrics: { left: { title: "Left" } } })',
    "Property 'unit' is missing in type '{ title: string; }' but required in type 'MetricOptions'.",
  ],
  [
    "a unit that there is not",
    'defineChannel({ ...common, kind: "record", metrics: { left: { title: "Left", unit: "counts" } } })',
    `Type '"counts"' is not assignable to type 'Unit'. Did you mean '"count"'?`,
  ],
  [
    "a table whose key is no column",
    'defineChannel({ ...common, kind: "table", key: "shelff", columns: { shelf: text } })',
    `Type '"shelff"' is not assignable to type '"shelf"'.`,
  ],
];

const ALL = [...MISSPELT, ...MISMATCHED, ...INCOMPLETE];
let messages: Map<string, string[]>;
let folder: string;

/** Compiles each mistake in a file of its own, all at once, as `npm run check` would. */
function compile(): Map<string, string[]> {
  folder = mkdtempSync(join(tmpdir(), "nowboard-types-"));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const config = {
    extends: join(ROOT, "tsconfig.json"),
    compilerOptions: { incremental: false, paths: { "@/*": [`${ROOT}*`] } },
    include: ["*.tsx"],
    exclude: [],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  for (const [i, [, code]] of ALL.entries())
    writeFileSync(join(folder, `m${i}.tsx`), `${IMPORTS}\nexport function Page() { return ${code}; }\n`);
  const found = new Map<string, string[]>();
  for (const line of errorsOf(folder).split("\n")) {
    const [, file, message] = /^(\S+)\(\d+,\d+\): error TS\d+: (.*)$/.exec(line) ?? [];
    if (file) found.set(file, [...(found.get(file) ?? []), message!]);
  }
  return found;
}

function errorsOf(project: string): string {
  try {
    const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
    execFileSync(process.execPath, [tsc, "-p", project, "--pretty", "false"], { cwd: project });
    return "";
  } catch (error) {
    return String((error as { stdout?: Buffer }).stdout);
  }
}

/** Without the long list of a channel's metrics, which is not what the reader looks for. */
function readable(message: string): string {
  return message.replace(/\{ readonly .*\}/, "{ … }").replace(/<"app" \| .*>/, "<…>");
}

beforeAll(() => {
  messages = compile();
}, COMPILE_MS);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each([
  ["misspelt", MISSPELT],
  ["of the wrong kind", MISMATCHED],
  ["incomplete", INCOMPLETE],
])("what is %s does not compile, and the message says why", (_, mistakes) => {
  it.each(mistakes)("%s", (_, code, message) => {
    const file = `m${ALL.findIndex((mistake) => mistake[1] === code)}.tsx`;
    expect((messages.get(file) ?? []).map(readable)).toEqual([message]);
  });
});

it("nothing else is wrong in those files: each has the one mistake", () => {
  expect([...messages.keys()].sort()).toEqual(ALL.map((_, i) => `m${i}.tsx`).sort());
});
