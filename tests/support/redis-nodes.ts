import type { Log } from "@/lib/server/log/log";
import { createRedisLog, type RedisLogOptions } from "@/lib/server/log/redis-log";
import { KEYS } from "@/lib/server/log/redis-scripts";
import { type Code, codeOf } from "@/lib/shared/codes";
import { compareIds, type UpdateId } from "@/lib/shared/cursor";
import type { Update } from "@/lib/shared/state";
import { follow, idOf, labelOf, readAll } from "./log-harness";
import type { RedisServer } from "./redis-server";

/** One process's log on a Redis that it shares, which follows it as a hub does. */
export interface RedisNode {
  log: Log;
  /** The names of the log that it has had, in order; the last one is the present. */
  epochs: string[];
  /** What its tail has told since it was last opened. Throws when that has a hole. */
  told(): Update[];
  /** What the log warned of. */
  warnings: string[];
  close(): Promise<void>;
}

/** Opens a log; when it turns out to be another one, opens it again, as often as it takes. */
export async function startNode(url: string, options: Partial<RedisLogOptions> = {}): Promise<RedisNode> {
  const warnings: string[] = [];
  const warn = (message: string, error: unknown) =>
    warnings.push(error === undefined ? message : `${message}: ${(error as Error).message}`);
  const log = createRedisLog({ url, warn, ...options });
  let tail = follow(log);
  let closing = false;
  const epochs: string[] = [];
  async function open(): Promise<void> {
    while (!closing) {
      tail.stop();
      tail = follow(log);
      try {
        epochs.push((await log.open()).epoch);
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }
  epochs.push((await log.open()).epoch);
  log.replaced(() => void open());
  return {
    log,
    epochs,
    told: () => tail.updates(),
    warnings,
    async close() {
      closing = true;
      await log.close();
    },
  };
}

/** What producers were told of their appends, by label. No label is used twice. */
export class Ledger {
  readonly stored = new Map<string, UpdateId>();
  readonly refused = new Map<string, Code | undefined>();
  /** How long the slowest took, ms. */
  slowest = 0;

  /** Appends to a feed and writes down what became of it; never rejects. */
  async append(log: Pick<Log, "append">, label: string, ch = "orders"): Promise<void> {
    const begun = performance.now();
    try {
      this.stored.set(
        label,
        idOf((await log.append({ updates: [{ ch, items: [{ order: label }] }] })).cursor),
      );
    } catch (error) {
      this.refused.set(label, codeOf(error));
    }
    this.slowest = Math.max(this.slowest, performance.now() - begun);
  }

  /** Everything by which the log's content and the answers contradict each other, in words. */
  contradictions(content: readonly Update[]): string[] {
    const places = new Map<string, UpdateId[]>();
    for (const update of content)
      places.set(labelOf(update), [...(places.get(labelOf(update)) ?? []), update.id]);
    const found: string[] = [];
    for (const [label, ids] of places) if (ids.length > 1) found.push(`${label} is there twice: ${ids}`);
    for (const [label, id] of this.stored)
      if (places.get(label)?.[0] !== id)
        found.push(`${label} was acknowledged at ${id}, is at ${places.get(label)}`);
    for (const [label, code] of this.refused)
      if (code !== "unknown_outcome" && places.has(label))
        found.push(`${label} was refused (${code}) and is there`);
    content.forEach(({ id }, n) => {
      if (n > 0 && compareIds(content[n - 1]!.id, id) >= 0)
        found.push(`${id} comes after ${content[n - 1]!.id}`);
    });
    return found;
  }

  get codes(): Set<Code | undefined> {
    return new Set(this.refused.values());
  }
}

/** Producers that append one update after the other, each on its own log, until they are stopped. */
export function startProducers(
  logs: Record<string, Pick<Log, "append">>,
  ledger: Ledger,
  { pauseMs = 2, ch = "orders" } = {},
) {
  let stopped = false;
  const running = Object.entries(logs).map(async ([name, log]) => {
    for (let n = 0; !stopped; n++) {
      await ledger.append(log, `${name}:${n}`, ch);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  });
  return async () => {
    stopped = true;
    await Promise.all(running);
  };
}

/** All that the log holds, as a process that comes now reads it. */
export async function contentAt(url: string): Promise<Update[]> {
  const log = createRedisLog({ url, warn: () => {} });
  try {
    const { floor } = await log.open();
    const content = await readAll(log, floor);
    if (content === "gone") throw new Error("it cannot be read from its floor");
    return content;
  } finally {
    await log.close();
  }
}

/** The ids in the stream, past the engine. */
export async function idsIn(redis: RedisServer): Promise<UpdateId[]> {
  const entries = (await redis.command("XRANGE", KEYS.stream, "-", "+")) as [string][];
  return entries.map(([id]) => id);
}

export interface RedisClient {
  id: string;
  kind: "tail" | "commands";
}

/** The connections of logs to this Redis. Only a tail waits in a blocking read. */
export async function clientsOf(redis: RedisServer): Promise<RedisClient[]> {
  const text = String(await redis.command("CLIENT", "LIST"));
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.includes("cmd=client"))
    .map((line) => ({
      id: /id=(\d+)/.exec(line)![1]!,
      kind: /cmd=xread\b/.test(line) ? "tail" : "commands",
    }));
}
