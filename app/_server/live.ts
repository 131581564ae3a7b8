import "server-only";
import { connection } from "next/server";
import type { Channel } from "@/lib/shared/define-channel";
import type { PageSnapshot } from "@/lib/shared/protocol";
import { getRuntime } from "@/lib/server/runtime-slot";

/**
 * What a page starts from: the state of its channels, all at one cursor (R2), and the points that its charts
 * begin with. A page that calls this is rendered for each request (R1).
 */
export async function readPage(channels: readonly Channel[]): Promise<PageSnapshot> {
  await connection();
  return getRuntime().hub.page(channels.map((channel) => channel.name));
}
