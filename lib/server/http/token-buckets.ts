/** So many keys are remembered; the one that was used longest ago is forgotten first. */
const MAX_KEYS = 20_000;

export interface BucketRate {
  /** What a full bucket holds: how much may come at once. */
  burst: number;
  /** What flows in again, per second. */
  perSecond: number;
}

export interface BucketOptions extends BucketRate {
  maxKeys?: number;
}

interface Bucket {
  level: number;
  at: number;
}

/**
 * A token bucket for each key. One that was never used, or not for long, is full, so a forgotten key is at worst
 * given a full one: memory is bounded whatever number of keys is tried. All times in ms of one monotonic clock.
 */
export class TokenBuckets {
  private readonly buckets = new Map<string, Bucket>();

  constructor(private readonly options: BucketOptions) {}

  /** How many keys are remembered. */
  get size(): number {
    return this.buckets.size;
  }

  /**
   * Takes `amount` and returns 0, or returns how long to wait (ms) and takes nothing. A bucket that holds one
   * grants any amount and goes into debt for it: what is larger than a burst passes too, and is paid for by the
   * wait after it. So the rate holds in the long run, and at most one grant exceeds it at a time. `rate` is for a key
   * that has one of its own.
   */
  take(key: string, now: number, amount = 1, rate: BucketRate = this.options): number {
    const { burst, perSecond } = rate;
    const { maxKeys = MAX_KEYS } = this.options;
    const known = this.buckets.get(key);
    const gained = known ? (Math.max(0, now - known.at) * perSecond) / 1000 : burst;
    const level = Math.min(burst, (known?.level ?? 0) + gained);
    const granted = level >= 1;
    // Taken out and put back, the map's order is that of use.
    this.buckets.delete(key);
    this.buckets.set(key, { level: granted ? level - amount : level, at: now });
    if (this.buckets.size > maxKeys) this.buckets.delete(this.buckets.keys().next().value!);
    return granted ? 0 : ((1 - level) / perSecond) * 1000;
  }
}
