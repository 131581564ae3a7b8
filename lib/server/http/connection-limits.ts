import type { Code } from "@/lib/shared/codes";
import { TokenBuckets } from "./token-buckets";

export interface ConnectionLimitOptions {
  /** Connections that are held at a time, in total. */
  total: number;
  /** The same from one address. */
  perAddress: number;
}

/**
 * An address may open all the connections that it may hold at once, as after a restart, and this share of them
 * each second from then on.
 */
const RATE_SHARE = 1 / 40;

/** A refusal; `waitMs` when it is known how long it lasts. */
export interface OverLimit {
  code: Extract<Code, "server_full" | "too_many_connections">;
  waitMs?: number;
}

/**
 * Counts the connections that are held: WebSockets, event streams, and requests that wait (H4). One address can
 * neither take all the places nor, by opening and closing, all the time; an office behind one address that
 * comes back after a restart gets in. Times in ms of one monotonic clock.
 */
export class ConnectionLimits {
  private readonly byAddress = new Map<string, number>();
  private readonly newcomers: TokenBuckets;
  private held = 0;

  constructor(private readonly options: ConnectionLimitOptions) {
    this.newcomers = new TokenBuckets({
      burst: options.perAddress,
      perSecond: Math.max(1, options.perAddress * RATE_SHARE),
    });
  }

  get total(): number {
    return this.held;
  }

  /** How many addresses hold one. */
  get addresses(): number {
    return this.byAddress.size;
  }

  /**
   * Counts a connection in, and returns how to count it out again, which may be called more than once; or says
   * which limit it is over. `isNew`: it goes on with none that was there before.
   */
  enter(address: string, now: number, isNew: boolean): (() => void) | OverLimit {
    if (this.held >= this.options.total) return { code: "server_full" };
    const mine = this.byAddress.get(address) ?? 0;
    if (mine >= this.options.perAddress) return { code: "too_many_connections" };
    const waitMs = isNew ? this.newcomers.take(address, now) : 0;
    if (waitMs > 0) return { code: "too_many_connections", waitMs };
    this.held += 1;
    this.byAddress.set(address, mine + 1);
    let isIn = true;
    return () => {
      if (isIn) this.leave(address);
      isIn = false;
    };
  }

  private leave(address: string): void {
    this.held -= 1;
    const left = (this.byAddress.get(address) ?? 1) - 1;
    if (left > 0) this.byAddress.set(address, left);
    else this.byAddress.delete(address);
  }
}
