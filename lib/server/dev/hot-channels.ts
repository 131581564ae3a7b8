import { watch } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { channels } from "@/lib/channels/registry";
import { declaredSources } from "@/lib/channels/source-registry";
import type { Channel } from "@/lib/shared/define-channel";
import type { Runtime } from "../runtime";
import { type Declarations, readChannels, whatIsWrong } from "./read-channels";

/** An editor writes a file in several steps, a generator several files, ms. */
const QUIET_MS = 100;
/** A page that was compiled before its channel was read waits so long for it, ms. */
const PAGE_WAIT_MS = 5000;

const CHANNELS = new URL("../../channels/", import.meta.url);

export interface HotChannelsOptions {
  /** Told what changed, or what is wrong, in words for whoever writes channels. */
  print: (line: string) => void;
  /** The folder with the channels; `lib/channels` by default. */
  folder?: URL;
}

/**
 * Development only: while the server runs, a channel or a source that is added, changed or removed in `lib/channels` is
 * taken over at once, and all connections go on. What cannot be read changes nothing. `page` then waits for channels
 * that are on their way.
 */
export function watchChannels(
  runtime: Runtime,
  { print, folder = CHANNELS }: HotChannelsOptions,
): () => void {
  let current: Declarations = { channels, declared: declaredSources };
  let timer: NodeJS.Timeout | undefined;
  let reading: Promise<void> = Promise.resolve();
  let isBroken = false;

  async function read(): Promise<void> {
    try {
      const next = await readChannels(folder);
      const isSame = isDeepStrictEqual(next, current);
      if (!isSame) await runtime.redefine(next.channels, next.declared);
      for (const line of changesOf(current, next)) print(`lib/channels: ${line}\n`);
      if (isSame && isBroken) print("lib/channels: as before again\n");
      current = next;
      isBroken = false;
    } catch (error) {
      isBroken = true;
      print(`lib/channels cannot be taken over; what was there before goes on.\n  ${whatIsWrong(error)}\n`);
    }
  }

  /** One at a time, as readings may overtake each other. */
  const readNext = () => {
    reading = reading.then(read);
  };
  const watcher = watch(folder, { persistent: false }, () => {
    clearTimeout(timer);
    timer = setTimeout(readNext, QUIET_MS);
  });

  const { page } = runtime;
  runtime.page = async (names) => {
    const until = performance.now() + PAGE_WAIT_MS;
    const isKnown = (name: string) => current.channels.some((channel) => channel.name === name);
    while (!names.every(isKnown) && performance.now() < until) await delay(QUIET_MS);
    return page(names);
  };
  return () => {
    watcher.close();
    clearTimeout(timer);
    runtime.page = page;
  };
}

/** What is new, other or gone, in words. */
function changesOf(before: Declarations, next: Declarations): string[] {
  const byName = (channels: readonly Channel[]) =>
    new Map(channels.map((channel) => [channel.name, channel]));
  const [old, now] = [byName(before.channels), byName(next.channels)];
  const said = (names: string[], words: string) =>
    names.length > 0 ? [`${words}: ${names.join(", ")}`] : [];
  const isChanged = (name: string) => old.has(name) && !isDeepStrictEqual(old.get(name), now.get(name));
  const areSourcesSame = isDeepStrictEqual(before.declared, next.declared);
  return [
    ...said(
      [...now.keys()].filter((name) => !old.has(name)),
      "new",
    ),
    ...said([...now.keys()].filter(isChanged), "changed"),
    ...said(
      [...old.keys()].filter((name) => !now.has(name)),
      "gone",
    ),
    ...(areSourcesSame ? [] : ["the declared sources were started anew"]),
  ];
}
