import { readFile } from "node:fs/promises";
import os from "node:os";
import { inBackground } from "./background";

/** What a host costs a process to tell (macOS, Windows) is asked this often, ms. */
const COSTLY_MS = 10_000;
/** The loopback, and interfaces whose traffic passes a second one of the same machine. */
const NOT_COUNTED = /^(lo|ifb|veth|docker|br-|virbr|dummy|cni|flannel|cali)/;

/** Time that all processors spent since the machine started, ms. */
export interface CpuTimes {
  busy: number;
  total: number;
}

/** Bytes that crossed the network interfaces since the machine started, and when that was read (ms). */
export interface Traffic {
  at: number;
  in: number;
  out: number;
}

export function cpuTimes(): CpuTimes {
  let busy = 0;
  let total = 0;
  for (const { times } of os.cpus()) {
    const all = times.user + times.nice + times.sys + times.idle + times.irq;
    total += all;
    busy += all - times.idle;
  }
  return { busy, total };
}

/**
 * Reads how much memory programs can still get, in bytes. Node's own figure says that on Linux and Windows;
 * on macOS it leaves out what caches would give back, so `systeminformation` is asked instead.
 */
export function memoryReader(platform: NodeJS.Platform = process.platform): (now: number) => number | null {
  if (platform !== "darwin") return () => os.freemem();
  return inBackground(COSTLY_MS, async () =>
    (await import("systeminformation")).mem().then((m) => m.available),
  );
}

/**
 * Reads the network's counters. Linux gives them in a file (0.3 ms). Elsewhere, and only there,
 * `systeminformation` starts processes for them, so the answer is up to ten seconds old.
 */
export function trafficReader(
  platform: NodeJS.Platform = process.platform,
): (now: number) => Promise<Traffic | null> {
  if (platform === "linux")
    return async (at) => {
      const text = await readFile("/proc/net/dev", "utf8").catch(() => null);
      return text === null ? null : { at, ...parseNetDev(text) };
    };
  const slowly = inBackground(COSTLY_MS, async (at) => {
    const { networkStats } = await import("systeminformation");
    const all = await networkStats();
    return { at, in: sum(all.map((one) => one.rx_bytes)), out: sum(all.map((one) => one.tx_bytes)) };
  });
  return async (now) => slowly(now);
}

/** Adds up `/proc/net/dev`: after the name, the first of 16 columns is bytes in, the ninth bytes out. */
export function parseNetDev(text: string): { in: number; out: number } {
  const total = { in: 0, out: 0 };
  for (const line of text.split("\n")) {
    const [name, counters] = line.split(":");
    if (counters === undefined || NOT_COUNTED.test(name!.trim())) continue;
    const columns = counters.trim().split(/\s+/).map(Number);
    total.in += columns[0] ?? 0;
    total.out += columns[8] ?? 0;
  }
  return total;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
