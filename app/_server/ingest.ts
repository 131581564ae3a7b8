import "server-only";
import { headers } from "next/headers";
import { getRuntime } from "@/lib/server/runtime-slot";

/** Must producers show a key? While the server cannot tell, as if they must. */
export async function readKeyNeed(): Promise<boolean> {
  return getRuntime()
    .isIngestKeyNeeded()
    .catch(() => true);
}

/** The address that the page was asked for at, as far as the server sees it; a browser then knows better. */
export async function readOrigin(): Promise<string> {
  const host = (await headers()).get("host") ?? "127.0.0.1:3000";
  return `http://${host}`;
}
