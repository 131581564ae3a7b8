import { z } from "zod";
import type { UpdateId } from "@/lib/shared/cursor";
import { stateSchema } from "@/lib/shared/protocol";
import type { ChannelState } from "@/lib/shared/state";
import type { Checkpoint } from "./log";

const statesSchema = z.record(z.string(), stateSchema);

/** A checkpoint from its stored text; `undefined` when the text is not one (any more). */
export function parseCheckpoint(saved: { id: UpdateId; states: string } | undefined): Checkpoint | undefined {
  if (!saved) return undefined;
  try {
    const states: unknown = JSON.parse(saved.states);
    statesSchema.parse(states);
    return { id: saved.id, states: states as Record<string, ChannelState> };
  } catch {
    return undefined;
  }
}
