import { monitorEventLoopDelay } from "node:perf_hooks";

/** Over how long rates and delays are taken, ms. */
const WINDOW_MS = 2000;
/** How often the event loop is looked at, ms. A look that comes in time has waited for as long already. */
const LOOK_MS = 20;

/** Counters of a transport, which only grow. */
interface Delivered {
  readonly frames: number;
  readonly bytes: number;
}

export interface NodeFigures {
  framesPerSecond: number;
  bytesPerSecond: number;
  /** How late timers were in the last window, the slowest of a hundred, ms. */
  loopDelayMs: number;
}

/** Watches this process; `read` gives the figures of the last whole window. */
export function watchProcess(delivered: readonly Delivered[]): { read(): NodeFigures; close(): void } {
  const sum = (figure: keyof Delivered) => delivered.reduce((total, one) => total + one[figure], 0);
  const count = () => ({ frames: sum("frames"), bytes: sum("bytes"), at: performance.now() });
  const delays = monitorEventLoopDelay({ resolution: LOOK_MS });
  delays.enable();
  let before = count();
  let figures: NodeFigures = { framesPerSecond: 0, bytesPerSecond: 0, loopDelayMs: 0 };
  const timer = setInterval(() => {
    const now = count();
    const seconds = (now.at - before.at) / 1000;
    figures = {
      framesPerSecond: (now.frames - before.frames) / seconds,
      bytesPerSecond: (now.bytes - before.bytes) / seconds,
      loopDelayMs: Math.max(0, delays.percentile(99) / 1e6 - LOOK_MS),
    };
    before = now;
    delays.reset();
  }, WINDOW_MS);
  timer.unref();
  return {
    read: () => figures,
    close() {
      clearInterval(timer);
      delays.disable();
    },
  };
}
