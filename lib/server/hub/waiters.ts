/** Requests that wait for news of their channels (long-poll). Indexed by channel; each wait has a limit. */
export class Waiters {
  private readonly byChannel = new Map<string, Set<() => void>>();
  /** All of them, the oldest first. */
  private readonly waits = new Set<() => void>();

  get size(): number {
    return this.waits.size;
  }

  /** Resolves when one of `channels` has news, after `ms`, or when `signal` aborts. Never rejects. */
  wait(channels: Iterable<string>, ms: number, signal?: AbortSignal): Promise<void> {
    const mine = [...channels];
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        for (const channel of mine) this.remove(channel, done);
        this.waits.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal?.addEventListener("abort", done);
      this.waits.add(done);
      for (const channel of mine) {
        const set = this.byChannel.get(channel) ?? new Set();
        this.byChannel.set(channel, set.add(done));
      }
    });
  }

  wake(channel: string): void {
    for (const done of [...(this.byChannel.get(channel) ?? [])]) done();
  }

  /** Wakes the request that has waited longest. */
  wakeOne(): void {
    const [first] = this.waits;
    first?.();
  }

  wakeAll(): void {
    for (const channel of [...this.byChannel.keys()]) this.wake(channel);
  }

  private remove(channel: string, done: () => void): void {
    const set = this.byChannel.get(channel);
    set?.delete(done);
    if (set?.size === 0) this.byChannel.delete(channel);
  }
}
