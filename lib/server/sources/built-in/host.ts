import { readFile } from "node:fs/promises";
import os from "node:os";
import { inBackground } from "../background";

/** What a host costs a process to tell (macOS, Windows) is asked this often, ms. */
const COSTLY_MS = 10_000;
/** The loopback, and interfaces whose traffic passes a second one of the same machine. */
const NOT_COUNTED = /^(lo|ifb|veth|docker|br-|virbr|dummy|cni|flannel|cali)/;

/** Time that a processor core, or all of them, spent since the machine started, ms. */
export interface CpuTimes {
  user: number;
  /** The kernel, interrupts included. */
  system: number;
  total: number;
}

/** What crossed a network interface since the machine started. */
export interface InterfaceCounters {
  name: string;
  /** Bytes. */
  in: number;
  out: number;
  /** `null` where the system does not tell. */
  packetsIn: number | null;
  packetsOut: number | null;
  /** Packets that were damaged or thrown away, both ways. */
  errors: number;
}

/** All interfaces, and when they were read (ms). */
export interface NetworkCounters {
  at: number;
  interfaces: InterfaceCounters[];
}

export function coreTimes(): CpuTimes[] {
  return os.cpus().map(({ times: { user, nice, sys, idle, irq } }) => ({
    ...{ user: user + nice, system: sys + irq, total: user + nice + sys + irq + idle },
  }));
}

export function cpuTimes(): CpuTimes {
  const cores = coreTimes();
  return {
    user: sum(cores.map(({ user }) => user)),
    system: sum(cores.map(({ system }) => system)),
    total: sum(cores.map(({ total }) => total)),
  };
}

/** Shares of the time between two readings, in percent; `null` when none went by. */
export function shares(from: CpuTimes, to: CpuTimes) {
  const share = (time: number) => (to.total > from.total ? (100 * time) / (to.total - from.total) : null);
  const [user, system] = [to.user - from.user, to.system - from.system];
  return { use: share(user + system), user: share(user), system: share(system) };
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
export function networkReader(
  platform: NodeJS.Platform = process.platform,
): (now: number) => Promise<NetworkCounters | null> {
  if (platform === "linux")
    return async (at) => {
      const text = await readFile("/proc/net/dev", "utf8").catch(() => null);
      return text === null ? null : { at, interfaces: parseNetDev(text) };
    };
  const slowly = inBackground(COSTLY_MS, async (at) => {
    const { networkStats } = await import("systeminformation");
    const interfaces = (await networkStats()).map((one) => ({
      ...{ name: one.iface, in: one.rx_bytes, out: one.tx_bytes, packetsIn: null, packetsOut: null },
      errors: one.rx_errors + one.rx_dropped + one.tx_errors + one.tx_dropped,
    }));
    return { at, interfaces };
  });
  return async (now) => slowly(now);
}

/** `/proc/net/dev`: after the name eight columns in (bytes, packets, errors, drops, …), and eight out. */
export function parseNetDev(text: string): InterfaceCounters[] {
  return text.split("\n").flatMap((line) => {
    const [name = "", counters] = line.trim().split(":");
    if (counters === undefined || NOT_COUNTED.test(name)) return [];
    const at = counters.trim().split(/\s+/).map(Number);
    const errors = at[2]! + at[3]! + at[10]! + at[11]!;
    return { name, in: at[0]!, packetsIn: at[1]!, out: at[8]!, packetsOut: at[9]!, errors };
  });
}

/** Bytes over all interfaces. */
export function traffic({ interfaces }: NetworkCounters): { in: number; out: number } {
  return { in: sum(interfaces.map((one) => one.in)), out: sum(interfaces.map((one) => one.out)) };
}

/** A counter's growth a second; `null` when it began anew, or when the clock did not move on. */
export function perSecond(from: number, to: number, ms: number): number | null {
  return ms > 0 && to >= from ? (1000 * (to - from)) / ms : null;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
