/**
 * `npm run scaling`: how the cost of one deployment grows with its viewers, channels, update rate and nodes.
 *
 *   --json FILE   writes the points and the machine
 *   --svg FILE    plots them
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { openLab } from "./lab";
import type { Load } from "./load";
import { type Panel, plot } from "./plot";
import { untilQuiet } from "./quiet";
import { machine } from "./report";
import { runSteady, type Steady } from "./steady";
import { streamCost } from "./stream-cost";

const QUIET_WAIT_MS = 60_000;
/** The most viewers that one process of them carries. */
const GROUP = 500;
const BASE: Load = { kind: "record", channels: 1, perSecond: 10, staggered: false };

interface Series {
  title: string;
  /** What the values on the x axis are. */
  along: string;
  points: { at: number; config: Steady }[];
}

/** So many viewers, a multiple of the nodes, spread evenly over them. */
function viewersOn(viewers: number, nodes = 1): Steady["groups"] {
  const each = viewers / nodes;
  return Array.from({ length: nodes }, (_, node) =>
    Array.from({ length: Math.ceil(each / GROUP) }, (_, i) => ({
      viewers: Math.min(GROUP, each - i * GROUP),
      checkOneIn: 10,
      node,
    })),
  ).flat();
}

const SERIES: Series[] = [
  {
    title: "Viewers (1 channel, 10 updates/s)",
    along: "viewers",
    points: [100, 250, 500, 1000, 2000].map((at) => ({ at, config: { load: BASE, groups: viewersOn(at) } })),
  },
  {
    title: "Channels (500 viewers, 10 updates/s each)",
    along: "channels",
    points: [1, 2, 4, 8, 16].map((at) => ({
      at,
      config: { load: { ...BASE, channels: at }, groups: viewersOn(500) },
    })),
  },
  {
    title: "Rate (500 viewers, 1 channel)",
    along: "updates/s",
    points: [1, 5, 10, 25, 50].map((at) => ({
      at,
      config: { load: { ...BASE, perSecond: at }, groups: viewersOn(500) },
    })),
  },
  {
    title: "Nodes on Redis (1200 viewers in all, 1 channel)",
    along: "nodes",
    points: [1, 2, 3, 4].map((at) => ({
      at,
      config: { load: BASE, groups: viewersOn(1200, at), nodes: at },
    })),
  },
];

interface Point {
  at: number;
  /** Share of one core that all servers and Redis used. */
  cores: number;
  usPerUpdate: number;
  p99Ms: number | null;
}

type Result = Pick<Series, "title" | "along"> & { points: Point[] };

async function measure({ at, config }: Series["points"][number]): Promise<Point> {
  await untilQuiet(QUIET_WAIT_MS);
  const row = await runSteady("scaling", "nowboard", config, []);
  const { channels, perSecond } = config.load;
  const usPerUpdate = row.cpuUsPerUpdate ?? 0;
  return {
    at,
    cores: (usPerUpdate * row.viewers * channels * perSecond) / 1e6,
    usPerUpdate,
    p99Ms: row.p99Ms,
  };
}

/** kB of the server's memory for one viewer who is connected and gets next to nothing. */
async function memoryPerViewer(viewers: number): Promise<number> {
  const lab = await openLab("nowboard", { ...BASE, perSecond: 0.1 }, ["--expose-gc"]);
  try {
    const before = await lab.server.ask("usage", { collect: true });
    await Promise.all(viewersOn(viewers).map((group) => lab.connect(group)));
    const after = await lab.server.ask("usage", { collect: true });
    return ((after.rssMb - before.rssMb) * 1024) / viewers;
  } finally {
    await lab.close();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { json: { type: "string" }, svg: { type: "string" } } });
  const results: Result[] = [];
  for (const { title, along, points } of SERIES) {
    const measured: Point[] = [];
    for (const point of points) {
      process.stderr.write(`${along} ${point.at}\n`);
      measured.push(await measure(point));
    }
    results.push({ title, along, points: measured });
  }
  const kbPerViewer = await memoryPerViewer(2000);
  const stream = await streamCost();
  const { perSecond, redisUs, nodeUs } = stream;
  const lines = [
    `${kbPerViewer.toFixed(1)} kB for an idle viewer`,
    `one stream: ${perSecond.toFixed(0)} updates/s, Redis ${redisUs.toFixed(1)} µs and the node ${nodeUs.toFixed(1)} µs for each`,
  ];
  process.stdout.write(`${machine()}\n\n${text(results)}\n\n${lines.join("\n")}\n`);
  if (values.json !== undefined)
    writeFileSync(
      values.json,
      `${JSON.stringify({ machine: machine(), results, kbPerViewer, stream }, null, 2)}\n`,
    );
  if (values.svg !== undefined) writeFileSync(values.svg, plot(results.map(toPanel)));
}

function toPanel({ title, along, points }: Result): Panel {
  return { title, x: along, y: "% of a core", points: points.map(({ at, cores }) => [at, 100 * cores]) };
}

function text(results: Result[]): string {
  return results
    .flatMap(({ along, points }) =>
      points.map(
        ({ at, cores, usPerUpdate, p99Ms }) =>
          `${`${at} ${along}`.padEnd(16)} ${(100 * cores).toFixed(1).padStart(6)} % of a core  ` +
          `${usPerUpdate.toFixed(2).padStart(6)} µs/update  p99 ${p99Ms?.toFixed(1) ?? "–"} ms`,
      ),
    )
    .join("\n");
}

main().catch((error) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
});
