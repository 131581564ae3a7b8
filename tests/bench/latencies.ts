/** Tenths of a millisecond → how many; it travels between processes. */
export type LatencyCounts = Record<string, number>;

/** Times in ms, to a tenth. */
export class Latencies {
  private readonly tenths = new Map<number, number>();

  add(ms: number): void {
    const tenth = Math.ceil(ms * 10);
    this.tenths.set(tenth, (this.tenths.get(tenth) ?? 0) + 1);
  }

  merge(counts: LatencyCounts): void {
    for (const [tenth, count] of Object.entries(counts))
      this.tenths.set(Number(tenth), (this.tenths.get(Number(tenth)) ?? 0) + count);
  }

  get counts(): LatencyCounts {
    return Object.fromEntries(this.tenths);
  }

  /** The time (ms) within which this share of all arrived; `null` when none did. */
  percentile(share: number): number | null {
    const sorted = [...this.tenths].sort(([a], [b]) => a - b);
    const total = sorted.reduce((sum, [, count]) => sum + count, 0);
    let seen = 0;
    for (const [tenth, count] of sorted) {
      seen += count;
      if (seen >= total * share) return tenth / 10;
    }
    return null;
  }
}
