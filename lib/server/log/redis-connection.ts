import { createHash } from "node:crypto";
import { createClient, ErrorReply } from "redis";
import { type Code, CodedError, codeOf } from "@/lib/shared/codes";
import { within } from "../within";
import { SCRIPTS, type ScriptName } from "./redis-scripts";

const CONNECT_LIMIT_MS = 3000;
/** The most calls that may wait for an answer. */
const MAX_CALLS = 1000;

const HASHES = Object.fromEntries(
  Object.entries(SCRIPTS).map(([name, text]) => [name, createHash("sha1").update(text).digest("hex")]),
) as Record<ScriptName, string>;

/** What an error reply's first word means. Redis answers with one before it has changed anything. */
const REPLIES: Record<string, Code> = {
  OOM: "storage_full",
  // It cannot write its files; with its usual settings it then refuses writes.
  MISCONF: "storage_full",
  BUSY: "log_busy",
};

/** One connection to Redis. It does not come back by itself: after its end, who uses it opens another. */
export interface RedisConnection {
  /**
   * Sends a command. Errors: `log_unavailable` when Redis refuses or nothing came within `limit` ms;
   * `lost` (by default the same) when it may have been carried out all the same.
   */
  command(args: string[], options?: { limit?: number; lost?: Code }): Promise<unknown>;
  /** Runs one of our scripts, likewise. */
  script(
    name: ScriptName,
    keys: string[],
    args: string[],
    options?: { limit?: number; lost?: Code },
  ): Promise<unknown>;
  close(): void;
}

/**
 * Connects within three seconds or fails with `log_unavailable`. `onEnd` is called once when the connection
 * ends otherwise than by `close`.
 */
export async function openRedis(url: string, onEnd: (error: Error) => void): Promise<RedisConnection> {
  // Replies in the old protocol's shapes are plain arrays, whatever the server's version.
  const client = createClient({
    url,
    RESP: 2,
    disableOfflineQueue: true,
    socket: { connectTimeout: CONNECT_LIMIT_MS, reconnectStrategy: false },
  });
  let open = true;
  let calls = 0;

  function end(error: Error): void {
    if (!open) return;
    open = false;
    onEnd(error);
  }

  client.on("error", (error: Error) => end(error));
  client.on("end", () => end(new Error("Redis closed the connection")));

  function close(): void {
    open = false;
    client.destroy();
  }

  /** Any failure that is not a reply leaves open whether the command was carried out. */
  function coded(error: unknown, lost: Code): CodedError {
    if (codeOf(error)) return error as CodedError;
    const { message } = error as Error;
    const code =
      error instanceof ErrorReply ? (REPLIES[message.split(" ", 1)[0]!] ?? "log_unavailable") : lost;
    return new CodedError(code, `Redis: ${message}`, { cause: error });
  }

  async function command(
    args: string[],
    { limit = 5000, lost = "log_unavailable" as Code } = {},
  ): Promise<unknown> {
    if (!open) throw new CodedError("log_unavailable", "There is no connection to Redis");
    if (calls >= MAX_CALLS) throw new CodedError("overloaded", "Too many calls wait for Redis");
    calls += 1;
    try {
      return await within(client.sendCommand(args), limit, late(lost));
    } catch (error) {
      throw coded(error, lost);
    } finally {
      calls -= 1;
    }
  }

  async function script(
    name: ScriptName,
    keys: string[],
    args: string[],
    options?: { limit?: number; lost?: Code },
  ) {
    const rest = [String(keys.length), ...keys, ...args];
    try {
      return await command(["EVALSHA", HASHES[name], ...rest], options);
    } catch (error) {
      if (!(error as Error).message.startsWith("Redis: NOSCRIPT")) throw error;
      // A Redis that was restarted knows no scripts; this also teaches it.
      return await command(["EVAL", SCRIPTS[name], ...rest], options);
    }
  }

  try {
    await within(client.connect(), CONNECT_LIMIT_MS + 1000, late("log_unavailable"));
  } catch (error) {
    close();
    throw coded(error, "log_unavailable");
  }
  return { command, script, close };
}

/** A call that got no answer in time. */
function late(code: Code) {
  return () => new CodedError(code, "Redis did not answer in time");
}
