import { performance } from "node:perf_hooks";
import { getHeapSpaceStatistics, getHeapStatistics } from "node:v8";
import { type Load, NOT_SHEDDING, type Shedding, shed, smoothDelay } from "./shedding";

/** How often the load is looked at, ms. */
const SAMPLE_MS = 250;
/** V8's young generation at its largest: three semi-spaces of 16 MB, unless the operator has set another size. */
const YOUNG_BYTES = 48 * 1024 * 1024;
const HEAP_LIMIT = getHeapStatistics().heap_size_limit;

export interface LoadMeter {
  readonly load: Load;
  readonly shedding: Shedding;
  /** Begins to measure, once viewers can come: what a process does to start is no load. */
  begin(): void;
  stop(): void;
}

/** Measures this process and decides whether it sheds. `changed` is told when that begins and ends. */
export function createLoadMeter(changed: (shedding: Shedding, load: Load) => void): LoadMeter {
  let load: Load = { delayMs: 0, memory: heapShare() };
  let shedding = NOT_SHEDDING;
  let timer: NodeJS.Timeout | undefined;
  let last: number;
  let cpu: NodeJS.CpuUsage;

  function measure() {
    const now = performance.now();
    const elapsed = now - last;
    const { user, system } = process.cpuUsage(cpu);
    last = now;
    cpu = process.cpuUsage();
    // A process that was stopped, or slept with its machine, is late too, but it has not been busy.
    const busy = (user + system) / 1000;
    const late = Math.min(Math.max(0, elapsed - SAMPLE_MS), busy);
    load = { delayMs: smoothDelay(load.delayMs, late, elapsed), memory: heapShare() };
    const before = shedding;
    shedding = shed(before, load, now);
    if (shedding.on !== before.on) changed(shedding, load);
  }

  return {
    get load() {
      return load;
    },
    get shedding() {
      return shedding;
    },
    begin() {
      last = performance.now();
      cpu = process.cpuUsage();
      timer = setInterval(measure, SAMPLE_MS).unref();
    },
    stop: () => clearInterval(timer),
  };
}

/**
 * The share of the old generation that is in use: a process ends when that is full. V8's limit includes what it
 * sets apart for the young one.
 */
function heapShare(): number {
  let old = 0;
  for (const { space_name, space_used_size } of getHeapSpaceStatistics())
    if (!space_name.startsWith("new_")) old += space_used_size;
  return old / (HEAP_LIMIT - YOUNG_BYTES);
}
