import { CodedError } from "@/lib/shared/codes";
import { countedAs } from "../http/client-address";
import { findKey, hashOf, idOfKey, isSameHash, type Keys } from "../keys/keys";
import type { Producer } from "./ingest-rate";

/** What a producer shows, on any transport. */
export interface Shown {
  key?: string;
  address: string;
}

/** Who may post, and how much. */
export interface Sender extends Producer {
  /** Idempotency keys are the property of who holds the ingest key. */
  scope: string;
  /** Left out: all channels. */
  channels?: readonly string[];
}

export interface IngestAccess {
  /** Rejects with `unauthorized` and `keys_unavailable`. */
  senderOf(shown: Shown): Promise<Sender>;
  /** Must producers show a key? Rejects with `keys_unavailable`. */
  isKeyNeeded(): Promise<boolean>;
}

export interface AccessOptions {
  /** From the settings: it opens every channel, and needs no database. */
  key?: string;
  keys: Keys;
  now: () => number;
}

/** A key is needed as soon as one was ever stored, or is set; revoking the last one opens nothing. */
export function createIngestAccess({ key, keys, now }: AccessOptions): IngestAccess {
  const hash = key === undefined ? undefined : hashOf(key);
  return {
    async senderOf({ key: given = "", address }) {
      if (hash !== undefined) {
        if (isSameHash(hashOf(given), hash)) return { scope: hash.slice(0, 16), name: hash.slice(0, 16) };
        if (idOfKey(given) === undefined) throw new CodedError("unauthorized");
      }
      const known = await keys.known();
      if (hash === undefined && known.size === 0) return { scope: "open", name: countedAs(address) };
      const found = findKey(known, given, now());
      keys.used(found);
      const { id, perSecond, channels } = found;
      return { scope: id, name: id, perSecond, channels };
    },

    async isKeyNeeded() {
      return hash !== undefined || (await keys.known()).size > 0;
    },
  };
}
