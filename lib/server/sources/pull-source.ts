import type { Channel } from "@/lib/shared/define-channel";
import type { PullOptions } from "@/lib/shared/sources/options";
import type { Source } from "./define-source";

interface PullInput extends Pick<Source, "kind" | "target" | "read" | "close"> {
  channel: Channel;
  options: PullOptions;
}

/** How often a source is asked, and how long one answer may take, ms. Throws for impossible times. */
export function pullTimes(channel: Channel, options: PullOptions): Required<PullOptions> {
  const { every = channel.cadence, timeout = Math.min(channel.maxAge, 10_000) } = options;
  if (!(every >= 100)) throw new Error("every is at least 100 ms");
  if (!(timeout > 0 && timeout <= 60_000)) throw new Error("timeout is more than 0 and at most 60000 ms");
  return { every, timeout };
}

/** A declared pull source: its reading is checked when it comes, and not by type. Throws for impossible times. */
export function pullSource({ channel, options, ...rest }: PullInput): Source {
  const { every, timeout } = pullTimes(channel, options);
  return { channel, cadence: every, timeout, ...rest };
}
