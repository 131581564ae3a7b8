/** A time that passes faster than the real one, the same for all processes that know this of it. */
export interface FasterTime {
  /** How many times as fast. */
  speed: number;
  /** When it begins to run ahead, ms since 1970. */
  since: number;
}

/** What a clock of that time says when a real one says `real`, ms. */
export function fasterNow({ speed, since }: FasterTime, real: number): number {
  return Math.floor(since + (real - since) * speed);
}
