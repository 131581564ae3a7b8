import type { Numbers } from "./load";

export interface Counts {
  /** Updates that never came. */
  missed: number;
  /** Updates that came again. */
  doubled: number;
  /** Updates that came after a later one of their channel. */
  disordered: number;
}

/** Follows the running numbers of one viewer's channels. */
export class Tally {
  private readonly last = new Map<string, number>();
  private readonly missing = new Map<string, Set<number>>();
  private doubled = 0;
  private disordered = 0;

  /** The viewer begins at this number, or is moved on to it, without having seen those before. */
  skipTo(channel: string, number: number): void {
    const last = this.last.get(channel);
    if (last !== undefined) this.miss(channel, last + 1, number);
    this.last.set(channel, Math.max(last ?? number, number));
  }

  see(channel: string, number: number): void {
    const last = this.last.get(channel) ?? number - 1;
    if (number > last) {
      this.miss(channel, last + 1, number - 1);
      this.last.set(channel, number);
    } else if (this.missing.get(channel)?.delete(number)) this.disordered += 1;
    else this.doubled += 1;
  }

  /** The newest number of each channel. */
  get numbers(): Numbers {
    return Object.fromEntries(this.last);
  }

  hasReached(numbers: Numbers): boolean {
    return Object.entries(numbers).every(([channel, number]) => (this.last.get(channel) ?? 0) >= number);
  }

  /** What came of everything up to `numbers`, the last ones published. */
  counts(numbers: Numbers): Counts {
    let missed = 0;
    for (const set of this.missing.values()) missed += set.size;
    for (const [channel, number] of Object.entries(numbers))
      missed += Math.max(0, number - (this.last.get(channel) ?? 0));
    return { missed, doubled: this.doubled, disordered: this.disordered };
  }

  private miss(channel: string, from: number, to: number): void {
    if (from > to) return;
    const set = this.missing.get(channel) ?? new Set();
    this.missing.set(channel, set);
    for (let number = from; number <= to; number++) set.add(number);
  }
}
