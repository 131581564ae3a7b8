/** `npm run cluster -- --nodes 3 [--port 3000]`: several nodes on this machine, behind nginx. */
import { parseArgs } from "node:util";
import { type Cluster, startCluster } from "./cluster";

const USAGE = "npm run cluster -- [--nodes 3] [--port 3000]";

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new Error(`--${name} is a whole number from ${least} to ${most}\n  ${USAGE}`);
}

function describe({ url, nodes, redis, redisUrl, folder }: Cluster): string {
  const places = nodes.map((node) => `  ${node.name.padEnd(8)} ${node.url}   process ${node.pid}`);
  return [
    `Nowboard is running at ${url}`,
    ...places,
    redis
      ? `  redis    ${redis.url}   process ${redis.pid}, files in ${folder}/redis`
      : `  redis    ${new URL(redisUrl).host}, from REDIS_URL`,
    "Ctrl-C ends all of it; the nodes send their viewers away first, which takes some seconds.",
    "",
  ].join("\n");
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { nodes: { type: "string", default: "3" }, port: { type: "string", default: "3000" } },
  });
  const port = wholeNumber("port", values.port, 1, 65_535);
  const redisUrl = process.env.REDIS_URL || undefined;
  const starting = startCluster({
    nodes: wholeNumber("nodes", values.nodes, 1, 16),
    port,
    redisUrl,
    // Kept for the next time. Only one cluster can have the port, so only one has the folder.
    folder: `./data/cluster-${port}`,
    print: (part, line) => process.stdout.write(`[${part}] ${line}\n`),
  });
  let ending: Promise<void> | undefined;
  const end = () => {
    // What has not come up yet is waited for: nothing may be left behind.
    ending ??= starting.then((cluster) => cluster.close()).then(() => process.exit(0));
    ending.catch(fail);
  };
  process.on("SIGINT", end);
  process.on("SIGTERM", end);
  process.stdout.write(describe(await starting));
}

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

main().catch(fail);
