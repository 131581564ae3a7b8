import { createHash } from "node:crypto";
import { CodedError, codeOf } from "@/lib/shared/codes";
import { idMs, type UpdateId } from "@/lib/shared/cursor";
import type { Update } from "@/lib/shared/state";
import { type CommitRequest, KEY_LIFE_MS, type Outcome } from "./commit";
import { newEpoch } from "./epoch";
import type { LogPosition, LogStats } from "./log";
import type { RedisConnection } from "./redis-connection";
import { KEYS } from "./redis-scripts";
import { placeUpdate } from "./stored-update";

const CONFIRM_LIMIT_MS = 2000;
/** One trim step drops at most so many entries, so that Redis answers others in between. */
const TRIM_ENTRIES = 500;
/** The most that one answer to a waiting read brings. */
const TAIL_ENTRIES = 1000;

/** This is not the log that it was: another node gave it a new name, or it was made anew (L4). */
export class AnotherLog extends Error {}

/** An entry as the tail gets it: `before` is the id that it follows on. */
export interface ChainedUpdate {
  before: UpdateId;
  update: Update;
}

/**
 * The log's operations on one connection. All but `open` are about the log named `epoch`, and throw `AnotherLog`
 * when it is not that one any more. `node` names this process among those that append.
 */
export function createRedisStore(redis: RedisConnection, node: string) {
  const { stream, meta, checkpoint, probe } = KEYS;

  /** See `Log.open`. `seenIn` is the epoch that `seen` belongs to, where it is known. */
  async function open(
    seen?: UpdateId,
    seenIn = "",
  ): Promise<LogPosition & { checkpoint?: { id: UpdateId; states: string } }> {
    const keys = [stream, meta, checkpoint, probe];
    const answer = await redis.script("open", keys, [newEpoch(), seen ?? "", seenIn]);
    const [epoch, head, floor, id, states] = answer as [string, string, string, string, string];
    return { epoch, head, floor, ...(id !== "" && { checkpoint: { id, states } }) };
  }

  /** Stores a group in one step. `n` grows with each commit of this node. */
  async function commit(epoch: string, n: number, requests: CommitRequest[]): Promise<Outcome[]> {
    const more: string[] = [];
    const place = (key: string) => String(more.push(key));
    const args = requests.flatMap(({ bodies, idempotency, places = [] }) => [
      String(bodies.length),
      idempotency ? place(KEYS.once(hashOf(idempotency.scope, idempotency.key))) : "0",
      idempotency?.fingerprint ?? "",
      String(places.length),
      ...places.flatMap(({ of, after, to }) => [place(KEYS.place(hashOf("place", of))), after ?? "", to]),
      ...bodies,
    ]);
    const keys = [stream, meta, KEYS.commit(node), ...more];
    const life = String(KEY_LIFE_MS);
    const answer = await redis.script("append", keys, [epoch, String(n), life, ...args], {
      lost: "unknown_outcome",
    });
    const [word, lines] = answer as [string, string];
    if (word === "epoch") throw new AnotherLog();
    // Only a commit that this node has given up on is sealed, and nobody waits for its answer.
    if (word !== "ok") throw new CodedError("log_unavailable", "This commit was given up");
    return parseOutcomes(lines);
  }

  /** What a commit came to, or `null` when it stored nothing and never will. */
  async function outcomesOf(n: number): Promise<Outcome[] | null> {
    const answer = await redis.script("outcomes", [KEYS.commit(node)], [String(n), String(KEY_LIFE_MS)]);
    return typeof answer === "string" ? parseOutcomes(answer) : null;
  }

  /** See `Log.read`; `null` means gone. */
  async function read(epoch: string, after: UpdateId, maxBytes: number) {
    const answer = await redis.script("read", [stream, meta], [epoch, after, String(maxBytes)]);
    const [word, head, ...rest] = answer as [string, string, ...string[]];
    if (word === "epoch") throw new AnotherLog();
    if (word === "gone") return null;
    const updates: Update[] = [];
    for (let i = 0; i < rest.length; i += 3) updates.push(toUpdate(rest[i]!, rest[i + 1]!, rest[i + 2]!));
    return { head, to: updates.at(-1)?.id ?? after, updates };
  }

  /** See `Log.places`. */
  async function places(epoch: string, of: readonly string[]): Promise<Record<string, string>> {
    const keys = [meta, ...of.map((name) => KEYS.place(hashOf("place", name)))];
    const [name, ...found] = (await redis.script("places", keys, [])) as [
      string | null,
      ...(string | null)[],
    ];
    if (name !== epoch) throw new AnotherLog();
    const pairs = of.map((stream, i) => [stream, found[i]] as const);
    return Object.fromEntries(pairs.filter((pair): pair is [string, string] => pair[1] !== null));
  }

  async function seek(epoch: string, ms: number): Promise<UpdateId> {
    return own((await redis.script("seek", [stream, meta], [epoch, String(ms)])) as string);
  }

  /**
   * The head, by way of a write: a Redis that answers reads but takes no writes (paused, or now the replica of
   * another) does not have the log that everybody else sees. One that has no room left still has it.
   */
  async function head(epoch: string): Promise<UpdateId> {
    const limit = { limit: CONFIRM_LIMIT_MS };
    const write = redis.command(["DEL", probe], limit).catch((error) => {
      if (codeOf(error) !== "storage_full") throw error;
    });
    const [, answer] = await Promise.all([write, redis.script("head", [meta], [], limit)]);
    const [name, id] = answer as [string | null, string];
    if (name !== epoch) throw new AnotherLog();
    return id;
  }

  async function saveCheckpoint(epoch: string, id: UpdateId, states: string): Promise<void> {
    const keys = [stream, meta, checkpoint];
    own((await redis.script("saveCheckpoint", keys, [epoch, id, states])) as string);
  }

  /** Drops what is older than `retentionMs` and covered by the checkpoint; the new floor. */
  async function trim(epoch: string, retentionMs: number): Promise<UpdateId> {
    for (;;) {
      const args = [epoch, String(retentionMs), String(TRIM_ENTRIES)];
      const answer = await redis.script("trim", [stream, meta, checkpoint], args);
      const [floor, more] = answer as [string, number];
      own(floor);
      if (!more) return floor;
    }
  }

  async function stats(): Promise<LogStats> {
    const [info, entries, slow] = await Promise.all([
      redis.command(["INFO"]),
      redis.command(["XLEN", stream]),
      // Managed services may forbid it.
      redis.command(["SLOWLOG", "GET", "1"]).catch(() => []),
    ]);
    const figures = parseInfo(info as string);
    const newest = (slow as [[number] | undefined])[0];
    return {
      connections: Number(figures.connected_clients),
      queries: Number(figures.total_commands_processed),
      slowQueries: newest ? newest[0] + 1 : 0,
      size: Number(figures.used_memory),
      entries: entries as number,
    };
  }

  /** What makes Redis forget what it has acknowledged. */
  async function advice(): Promise<string[]> {
    const figures = parseInfo((await redis.command(["INFO"])) as string);
    return [
      ...(figures.aof_enabled === "1"
        ? []
        : ["Redis keeps no append-only file: what was acknowledged is lost when it ends (appendonly yes)"]),
      ...(figures.maxmemory_policy === "noeviction"
        ? []
        : [`Redis may drop the log when memory is short (maxmemory-policy ${figures.maxmemory_policy})`]),
    ];
  }

  return { open, commit, outcomesOf, read, places, seek, head, saveCheckpoint, trim, stats, advice };
}

export type RedisStore = ReturnType<typeof createRedisStore>;

/** Waits on `redis`, a connection of its own, for what follows on `after`; nothing after `blockMs`. */
export async function waitForEntries(
  redis: RedisConnection,
  after: UpdateId,
  blockMs: number,
  limit: number,
): Promise<ChainedUpdate[]> {
  const args = [
    "XREAD",
    "COUNT",
    String(TAIL_ENTRIES),
    "BLOCK",
    String(blockMs),
    "STREAMS",
    KEYS.stream,
    after,
  ];
  const answer = (await redis.command(args, { limit })) as [[string, [string, string[]][]]] | null;
  return (answer?.[0][1] ?? []).map(([id, list]) => {
    const fields = Object.fromEntries(
      Array.from({ length: list.length / 2 }, (_, i) => [list[2 * i], list[2 * i + 1]]),
    );
    return { before: fields.p ?? "", update: toUpdate(id, fields.a ?? "", fields.b ?? "") };
  });
}

function own(answer: string): string {
  if (answer === "epoch") throw new AnotherLog();
  return answer;
}

function toUpdate(id: UpdateId, at: string, body: string): Update {
  return placeUpdate(id, at === "" ? idMs(id) : Number(at), JSON.parse(body));
}

function parseOutcomes(lines: string): Outcome[] {
  return lines.split("\n").map((line): Outcome => {
    const [word, id] = line.split(" ") as [string, string];
    if (word === "c") return { kind: "conflict" };
    if (word === "p") return { kind: "passed" };
    return { kind: word === "r" ? "replayed" : "appended", id };
  });
}

/** `INFO`'s lines `name:value`. */
function parseInfo(text: string): Record<string, string> {
  const pairs = text.split("\r\n").map((line) => line.split(":"));
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined));
}

function hashOf(scope: string, key: string): string {
  return createHash("sha256").update(`${scope}\n${key}`).digest("base64url");
}
