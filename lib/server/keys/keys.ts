import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { CodedError } from "@/lib/shared/codes";

/** An ingest key as it is stored: what it opens, and nothing that opens it. Times in ms. */
export interface StoredKey {
  id: string;
  /** For people. */
  name: string;
  /** SHA-256 of the whole key, in hex. */
  hash: string;
  /** The channels that it may fill. */
  channels: readonly string[];
  /** Updates per second; without it as many as the server's settings say. */
  perSecond?: number;
  createdAt: number;
  expiresAt?: number;
  revokedAt?: number;
  /** To the minute. */
  lastUsedAt?: number;
}

/** By id. */
export type KnownKeys = ReadonlyMap<string, StoredKey>;

/** The keys of a deployment, as this node knows them. */
export interface Keys {
  /** All that were ever made, as they were at most 2 s ago. Rejects with `keys_unavailable`. */
  known(): Promise<KnownKeys>;
  /** Has the time of this use stored, at most once a minute. Never throws. */
  used(key: StoredKey): void;
  close(): Promise<void>;
}

const ID_BYTES = 5;
/** 192 bits: nobody guesses one, so a fast hash is as good as a slow one. */
const SECRET_BYTES = 24;
const KEY = /^nbk_([0-9a-f]{10})_[0-9a-f]{48}$/;

/** A new key, and its id. Its form can be searched for where keys must not be: `nbk_`, id, secret. */
export function makeKey(): { id: string; key: string } {
  const id = randomBytes(ID_BYTES).toString("hex");
  return { id, key: `nbk_${id}_${randomBytes(SECRET_BYTES).toString("hex")}` };
}

/** The id in a text that has the form of a key. */
export function idOfKey(text: string): string | undefined {
  return KEY.exec(text)?.[1];
}

export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Compares two hashes in the same time whatever they are; they have one length. */
export function isSameHash(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

/** What an unknown id is compared with, so that it takes as long as a known one. */
const NOBODY = hashOf("");

/** The stored key that a producer shows. Throws `unauthorized`; only who has the key is told what became of it. */
export function findKey(known: KnownKeys, given: string, now: number): StoredKey {
  const found = known.get(idOfKey(given) ?? "");
  if (!isSameHash(hashOf(given), found?.hash ?? NOBODY) || !found) throw new CodedError("unauthorized");
  if (found.revokedAt !== undefined) throw new CodedError("unauthorized", "This key was revoked.");
  if (found.expiresAt !== undefined && found.expiresAt <= now)
    throw new CodedError("unauthorized", "This key has expired.");
  return found;
}
