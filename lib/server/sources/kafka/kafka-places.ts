import type { Place } from "@/lib/server/log/log";

/**
 * How far a partition was read, as the log keeps it: `<generation>-<offset of the next message>`. The generation is
 * made of the topic's id, which another topic under the same name does not have.
 */
export interface PartitionPlace {
  generation: number;
  next: number;
}

/** A partition while it is read. */
export interface Position {
  partition: number;
  /** The offset of the next message. */
  next: number;
  /** What the log knows is of another topic, or of messages that the broker lost: it is to be forgotten. */
  anew: boolean;
  /** The offset behind the newest message, as far as it is known. */
  end: number;
}

/** What is known of a partition when its reading begins. */
export interface Found {
  partition: number;
  /** The log's place of it. */
  place?: string;
  /** What the group has committed; below 0: nothing. */
  committed: number;
  /** The oldest message that is there, and the offset behind the newest. */
  earliest: number;
  end: number;
}

/** The first 48 bits of the topic's id, a random UUID: a place's numbers are exact integers. */
export function generationOf(topicId: string): number {
  return Number.parseInt(topicId.replaceAll("-", "").slice(0, 12), 16);
}

/**
 * Where to begin. The log's place counts, as it moves with what is stored; then what the group has committed. A
 * partition that neither knows begins where the source says when all of the topic is new to it, else at its oldest
 * message: it came later.
 * @returns The position, and how many messages are gone that were to be read.
 */
export function beginAt(
  found: Found,
  generation: number,
  unknown: "latest" | "earliest",
): Position & { gone: number } {
  const { partition, earliest, end, committed } = found;
  const place = parsePlace(found.place);
  const at = (next: number, anew = false) => {
    const gone = Math.max(0, earliest - next);
    return { partition, next: next + gone, anew, end, gone };
  };
  if (place && place.generation !== generation) return at(earliest, true);
  if (place) return place.next > end ? at(end, true) : at(place.next);
  if (committed >= 0) return at(Math.min(committed, end));
  return at(unknown === "latest" ? end : earliest);
}

/** What is stored moves the log's place of the partition from the position on to `next`. */
export function placeOf(of: string, generation: number, { next, anew }: Position, to: number): Place {
  return { of, to: `${generation}-${to}`, ...(!anew && { after: `${generation}-${next}` }) };
}

function parsePlace(place: string | undefined): PartitionPlace | undefined {
  if (place === undefined) return undefined;
  const [generation, next] = place.split("-").map(Number);
  return { generation: generation!, next: next! };
}
