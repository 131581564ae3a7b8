import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashOf, makeKey, type StoredKey } from "@/lib/server/keys/keys";
import { type KeyPlace, openKeyStore } from "@/lib/server/keys/open-keys";

/** A folder for keys, removed by `remove`. */
export function keyFolder() {
  const folder = mkdtempSync(join(tmpdir(), "nowboard-keys-"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Stores a key as the command line does, past the server; gives what its holder shows, and its id. */
export async function storeKey(
  place: Omit<KeyPlace, "busyMs">,
  options: Partial<StoredKey> = {},
): Promise<{ id: string; key: string }> {
  const { id, key } = makeKey();
  const store = openKeyStore({ ...place, busyMs: 5000 });
  const channels = ["gauges"];
  await store.add({ id, name: "till", hash: hashOf(key), channels, createdAt: Date.now(), ...options });
  await store.close();
  return { id, key };
}

/** Does something with the stored keys, past the server. */
export async function withKeys<T>(
  place: Omit<KeyPlace, "busyMs">,
  work: (store: ReturnType<typeof openKeyStore>) => Promise<T>,
): Promise<T> {
  const store = openKeyStore({ ...place, busyMs: 5000 });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
