import { CodedError } from "@/lib/shared/codes";
import { within } from "../within";
import type { KeyStore } from "./key-store";
import type { Keys, KnownKeys } from "./keys";

/** Keys that were read so long ago are read again, in the background, ms. */
const RENEW_MS = 1000;
/** Older ones are waited for: a key that was revoked opens nothing after this, ms. */
const STALE_MS = 2000;
/** A request waits for the database so long at most, ms. */
const WAIT_MS = 1000;
/** The database out of reach: so long the last known keys go on, ms. */
const OUTAGE_MS = 60_000;
/** The pause after a failed read: random, below a bound that doubles, ms. */
const PAUSE_FROM_MS = 500;
const PAUSE_TO_MS = 5000;
/** How coarsely the last use is stored, ms. */
const USED_MS = 60_000;

export interface KeyRingOptions {
  store: Pick<KeyStore, "list" | "used" | "close">;
  /** Wall clock, ms. */
  now: () => number;
  /** Monotonic, ms. */
  clock?: () => number;
  warn: (message: string, error: unknown) => void;
}

/**
 * The keys in memory, so that a request costs no read: they are read at most once a second, and only while they are
 * used. One read at a time, whatever number of requests waits.
 */
export function createKeyRing({ store, now, clock = () => performance.now(), warn }: KeyRingOptions): Keys {
  let keys: KnownKeys | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;
  /** The same for those who wait for it: given up together. */
  let waiting: Promise<void> | undefined;
  let notBefore = Number.NEGATIVE_INFINITY;
  let pauseBound = PAUSE_FROM_MS;
  /** When the use of a key was last told to the store. */
  const noted = new Map<string, number>();

  function failed(error: unknown): void {
    if (pauseBound === PAUSE_FROM_MS) warn("The ingest keys are out of reach", error);
    notBefore = clock() + Math.random() * pauseBound;
    pauseBound = Math.min(PAUSE_TO_MS, 2 * pauseBound);
  }

  async function read(): Promise<void> {
    // What is revoked while this is under way may be missing in the answer.
    const begun = clock();
    try {
      keys = new Map((await store.list()).map((key) => [key.id, key]));
      readAt = begun;
      notBefore = Number.NEGATIVE_INFINITY;
      pauseBound = PAUSE_FROM_MS;
    } catch (error) {
      failed(error);
    } finally {
      reading = undefined;
    }
  }

  async function wait(read: Promise<void>): Promise<void> {
    // Given up, it may still end well; until the pause is over nobody waits for it again.
    await within(read, WAIT_MS, () => new Error("No answer in time")).catch(failed);
    waiting = undefined;
  }

  return {
    async known() {
      const age = clock() - readAt;
      if (age > RENEW_MS && clock() >= notBefore) {
        reading ??= read();
        if (age > STALE_MS) {
          waiting ??= wait(reading);
          await waiting;
        }
      }
      if (!keys || clock() - readAt > OUTAGE_MS) {
        const retryAfter = Math.max(1, Math.ceil((notBefore - clock()) / 1000));
        throw new CodedError("keys_unavailable", undefined, { retryAfter });
      }
      return keys;
    },

    used({ id, lastUsedAt = 0 }) {
      const at = now();
      if (at - Math.max(lastUsedAt, noted.get(id) ?? 0) < USED_MS) return;
      noted.set(id, at);
      // It is for people: a minute later it is tried again.
      void store.used(id, at).catch(() => {});
    },

    async close() {
      await reading;
      await store.close();
    },
  };
}
