import { concealer } from "../database/conceal";
import { createKeyRing } from "./key-ring";
import type { Keys } from "./keys";
import { type KeyPlace, openKeyStore } from "./open-keys";

/** Tables of a few rows: only the command line writes more than a time a minute. All of the server waits with it. */
const BUSY_MS = 50;

interface StartKeysOptions extends Omit<KeyPlace, "busyMs"> {
  /** Wall clock, ms. */
  now: () => number;
  warn: (message: string, error: unknown) => void;
}

/** The keys that this node goes by. The database is not asked before a producer comes. */
export function startKeys({ now, warn, ...place }: StartKeysOptions): Keys {
  const conceal = concealer(place.databaseUrl);
  return createKeyRing({
    store: openKeyStore({ ...place, busyMs: BUSY_MS }),
    now,
    warn: (message, error) => warn(message, new Error(conceal(String((error as Error)?.message)))),
  });
}
