export interface Hurry {
  /** How many times as fast as real. */
  speed: number;
  /** When its clock begins to run ahead, ms since 1970. The same for all processes that share it. */
  since: number;
}

/**
 * From now on all clocks and timers of this process, or of this page, run `speed` times as fast. Whatever reads
 * the time and waits by it behaves as it would in half an hour, in a minute or two.
 */
export function hurry({ speed, since }: Hurry): void {
  const { setTimeout: after, setInterval: every } = globalThis;
  const wall = Date.now;
  const mono = performance.now.bind(performance);
  const begin = mono();
  const now = () => begin + (mono() - begin) * speed;
  Date.now = () => Math.floor(since + (wall() - since) * speed);
  performance.now = now;
  const faster = (timer: typeof after) =>
    ((run: () => void, ms = 0, ...args: []) => timer(run, ms / speed, ...args)) as typeof after;
  globalThis.setTimeout = faster(after);
  globalThis.setInterval = faster(every as typeof after) as typeof every;
  if (typeof requestAnimationFrame === "undefined") return;
  const paint = requestAnimationFrame;
  globalThis.requestAnimationFrame = (run) => paint(() => run(now()));
}
