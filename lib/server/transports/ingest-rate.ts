import { CodedError } from "@/lib/shared/codes";
import { type BucketRate, TokenBuckets } from "../http/token-buckets";

/** A producer may send what comes in this many seconds at once. */
const BURST_S = 2;
/** A group of a long upload waits for its turn this long at most, ms. */
const LONGEST_WAIT_MS = 30_000;

/** Who sends, as updates are counted. */
export interface Producer {
  name: string;
  /** A rate of its own, updates per second. */
  perSecond?: number;
}

/**
 * How many updates a producer may send (H4), by its key or, without one, its address. Updates are counted and
 * not requests: they are what is checked, stored and sent to every viewer. A request that holds more than is
 * left passes and is paid for afterwards, so that no body is too large for ever.
 */
export class IngestRate {
  private readonly buckets: TokenBuckets;

  constructor(
    private readonly perSecond: number,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.buckets = new TokenBuckets(rateOf(perSecond));
  }

  /** Before a body is read: throws `rate_limited` for who still has to pay for earlier ones. */
  check(producer: Producer): void {
    this.refuse(this.cost(producer, 0));
  }

  /** Takes as many updates, or throws `rate_limited`. */
  take(producer: Producer, updates: number): void {
    this.refuse(this.cost(producer, updates));
  }

  /**
   * The same for a part of a long upload, which is slowed down instead. Throws `rate_limited` when its turn does
   * not come in time, and `bad_request` once the upload was broken off.
   */
  async wait(producer: Producer, updates: number, signal: AbortSignal): Promise<void> {
    const deadline = this.clock() + LONGEST_WAIT_MS;
    for (;;) {
      const now = this.clock();
      const waitMs = this.cost(producer, updates);
      if (waitMs === 0) return;
      if (signal.aborted) throw new CodedError("bad_request", "The upload was broken off.");
      if (now + waitMs > deadline) this.refuse(waitMs);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }

  /** Takes them and gives 0, or how long to wait, ms. */
  private cost({ name, perSecond = this.perSecond }: Producer, updates: number): number {
    return this.buckets.take(name, this.clock(), updates, rateOf(perSecond));
  }

  private refuse(waitMs: number): void {
    if (waitMs === 0) return;
    const retryAfter = Math.ceil(waitMs / 1000);
    throw new CodedError("rate_limited", "More updates than this server takes in that time.", { retryAfter });
  }
}

function rateOf(perSecond: number): BucketRate {
  return { burst: BURST_S * perSecond, perSecond };
}
