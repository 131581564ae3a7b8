import type { LookupAddress } from "node:dns";
import { lookup } from "node:dns/promises";
import { createLimit } from "../limit";

/**
 * Names that are looked up at a time. Each holds one of the four threads with which Node reads files, too, for as long
 * as a name server is silent.
 */
const MAX_LOOKUPS = 2;

/** Gives all addresses of a name. Rejects as `dns.lookup` does. */
export type NameLookup = (name: string) => Promise<LookupAddress[]>;

/** Looks names up a few at a time, and each once for all who ask meanwhile. */
export function createNameLookup(ask: NameLookup): NameLookup {
  const limit = createLimit(MAX_LOOKUPS);
  const pending = new Map<string, Promise<LookupAddress[]>>();
  return (name) => {
    const known = pending.get(name);
    if (known) return known;
    const found = limit(() => ask(name)).finally(() => pending.delete(name));
    pending.set(name, found);
    return found;
  };
}

/** As this machine does it, by its hosts file and name servers; the limit is for all sources together. */
export const lookUpName = createNameLookup((name) => lookup(name, { all: true }));
