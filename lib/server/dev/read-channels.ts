import { tsImport } from "tsx/esm/api";
import type { Channel } from "@/lib/shared/define-channel";
import type { DeclaredSource } from "@/lib/shared/sources/declare-source";

/** What `lib/channels` says. */
export interface Declarations {
  channels: readonly Channel[];
  declared: readonly DeclaredSource[];
}

/**
 * Reads the two lists in a folder of channels as they are now, whatever this process imported before. Rejects for what
 * cannot be read, and for what makes no sense.
 */
export async function readChannels(folder: URL): Promise<Declarations> {
  const [{ channels }, { declaredSources }] = await Promise.all(
    ["registry.ts", "source-registry.ts"].map((file) =>
      tsImport(new URL(file, folder).href, import.meta.url),
    ),
  );
  if (!Array.isArray(channels) || !Array.isArray(declaredSources))
    throw new Error("registry.ts exports the list `channels`, source-registry.ts the list `declaredSources`");
  const names = (channels as Channel[]).map((channel) => channel?.name);
  if (names.includes(undefined as never)) throw new Error("registry.ts lists something that is no channel");
  const doubled = names.find((name, i) => names.indexOf(name) !== i);
  if (doubled !== undefined) throw new Error(`Two channels are called "${doubled}"`);
  return { channels, declared: declaredSources };
}

/** What went wrong in words, and in which file as far as that is known. */
export function whatIsWrong(error: unknown): string {
  const { message = String(error), stack = "" } = (error ?? {}) as Partial<Error>;
  const file = /\/channels\/([\w.-]+\.ts)/.exec(stack)?.[1];
  const words = message.replace(/\?(tsx-)?namespace=\d+/g, "").trim();
  return file && !words.includes(file) ? `lib/channels/${file}: ${words}` : words;
}
