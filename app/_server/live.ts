import "server-only";
import { connection } from "next/server";
import { getRuntime } from "@/lib/server/runtime-slot";
import type { Channel } from "@/lib/shared/define-channel";
import type { PageSnapshot } from "@/lib/shared/protocol";

/**
 * What a page starts from: the state of its channels, all at one cursor (R2), and the points that its charts
 * begin with. A page that calls this is rendered for each request (R1).
 */
export async function readPage(channels: readonly Channel[]): Promise<PageSnapshot> {
  await connection();
  return getRuntime().page(channels.map((channel) => channel.name));
}
