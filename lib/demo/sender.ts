import { setTimeout as sleep } from "node:timers/promises";
import { CODES, type Code } from "@/lib/shared/codes";
import type { Post } from "./posts";

/** How long one attempt may take, ms. */
const ATTEMPT_MS = 10_000;
const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 30_000;
/** A server that asks for more patience is asked again after this, ms. */
const MAX_RETRY_AFTER_MS = 5 * 60_000;

export interface SenderOptions {
  /** The server's address, without a path. */
  url: URL;
  /** The ingest key, where the server asks for one. */
  ingestKey?: string;
  /** Ends everything at once. */
  signal: AbortSignal;
  /** Called when a post's first attempt failed and others follow, with the reason in words. */
  onTrouble(reason: string): void;
  random?: () => number;
}

/**
 * Posts once, however many attempts it takes: each has the same `Idempotency-Key`, so an attempt whose answer
 * was lost is not stored twice. Waits between attempts grow to half a minute, with jitter, and are never
 * shorter than `Retry-After` asks. Throws for a refusal that no attempt can change, and when aborted.
 */
export async function sendPost(post: Post, options: SenderOptions): Promise<void> {
  const { signal, onTrouble, random = Math.random } = options;
  for (let failures = 1; ; failures += 1) {
    const answer = await attempt(post, options);
    if (answer.accepted) return;
    signal.throwIfAborted();
    if (!answer.retry) throw new Error(`The server refused a post to ${post.channel}: ${answer.reason}`);
    const backOff = random() * Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures, 10));
    const wait = Math.min(answer.retryAfterMs, MAX_RETRY_AFTER_MS) + backOff;
    if (failures === 1) onTrouble(answer.reason);
    await sleep(wait, undefined, { signal });
  }
}

type Answer = { accepted: true } | { accepted: false; retry: boolean; reason: string; retryAfterMs: number };

async function attempt(
  { channel, body, key }: Post,
  { url, ingestKey, signal }: SenderOptions,
): Promise<Answer> {
  try {
    const response = await fetch(new URL(`/api/ingest/${channel}`, url), {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "Idempotency-Key": key,
        "Nowboard-Producer": "demo",
        ...(ingestKey !== undefined && { Authorization: `Bearer ${ingestKey}` }),
      },
      body,
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(ATTEMPT_MS)]),
    });
    const text = await response.text();
    if (response.status === 202) return { accepted: true };
    return { accepted: false, ...judge(response, text) };
  } catch (error) {
    const cause = (error as Error).cause;
    const reason = cause instanceof Error ? cause.message : (error as Error).message;
    return { accepted: false, retry: true, reason, retryAfterMs: 0 };
  }
}

/** "A client that gets a code it does not know treats it by its HTTP status" (T6). */
function judge(response: Response, text: string) {
  const { status, headers } = response;
  const { code, title, detail } = parseProblem(text);
  const known = code !== undefined && Object.hasOwn(CODES, code);
  const retry = known ? CODES[code as Code].retry : status >= 500 || status === 408 || status === 429;
  const reason = detail ?? title ?? `HTTP status ${status}`;
  return { retry, reason, retryAfterMs: retryAfterMs(headers.get("Retry-After"), Date.now()) };
}

function parseProblem(text: string): { code?: string; title?: string; detail?: string } {
  try {
    const problem: unknown = JSON.parse(text);
    return typeof problem === "object" && problem !== null ? problem : {};
  } catch {
    return {};
  }
}

/** RFC 9110, 10.2.3: `Retry-After = HTTP-date / delay-seconds`. */
export function retryAfterMs(header: string | null, now: number): number {
  if (header === null) return 0;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  // Without the zone it is no HTTP-date, though `Date.parse` makes something of almost anything.
  const ms = header.endsWith(" GMT") ? Date.parse(header) - now : 0;
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}
