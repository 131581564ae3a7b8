declare global {
  interface Window {
    /** Begins to note when animation frames come. */
    benchFrames: {
      start(): void;
      /** The times between them since then, ms. */
      stop(): number[];
    };
  }
}

let running = false;
let times: number[] = [];

function note(at: number): void {
  if (!running) return;
  times.push(at);
  requestAnimationFrame(note);
}

window.benchFrames = {
  start() {
    running = true;
    times = [];
    requestAnimationFrame(note);
  },
  stop() {
    running = false;
    return times.slice(1).map((at, i) => at - times[i]!);
  },
};

export {};
