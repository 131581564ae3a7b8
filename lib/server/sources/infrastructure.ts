import { statfs } from "node:fs/promises";
import os from "node:os";
import { infrastructure } from "@/lib/channels/infrastructure";
import { inBackground } from "./background";
import { defineSource } from "./define-source";
import { cpuTimes, memoryReader, type Traffic, trafficReader } from "./host";

/** A file system fills slowly, and one on a network may hang: it is asked this often, ms. */
const DISK_MS = 10_000;

export interface InfrastructureSourceDeps {
  /** A folder on the file system whose space matters. */
  folder: string;
}

/**
 * The machine that this server runs on. Costs about half a millisecond of CPU time a reading on Linux, where
 * it starts no process. A figure that the machine does not give is `null`; the others go on.
 */
export function infrastructureSource({ folder }: InfrastructureSourceDeps) {
  const readDisk = inBackground(DISK_MS, () => statfs(folder));
  const readAvailable = memoryReader();
  const readTraffic = trafficReader();
  let cpu = cpuTimes();
  let traffic: Traffic | null = null;
  let network: { in: number; out: number } | null = null;
  // Begun now, so that the first reading has it.
  readDisk(Date.now());

  return defineSource({
    channel: infrastructure,
    read: async ({ now }) => {
      const before = cpu;
      cpu = cpuTimes();
      const newest = await readTraffic(now);
      if (newest?.at !== traffic?.at) network = traffic && newest && perSecond(traffic, newest);
      traffic = newest;
      const total = os.totalmem();
      const available = readAvailable(now);
      const disk = readDisk(now);
      return {
        cpu: cpu.total > before.total ? (100 * (cpu.busy - before.busy)) / (cpu.total - before.total) : null,
        load: process.platform === "win32" ? null : os.loadavg()[0]!,
        memory: available === null ? null : 100 * (1 - available / total),
        memoryUsed: available === null ? null : total - available,
        // As df counts: of what is not kept back for root.
        disk: disk && (100 * (disk.blocks - disk.bfree)) / (disk.blocks - disk.bfree + disk.bavail),
        diskFree: disk && disk.bavail * disk.bsize,
        networkIn: network?.in ?? null,
        networkOut: network?.out ?? null,
      };
    },
  });
}

/** `null` when the counters began anew or the clock stepped back. */
function perSecond(from: Traffic, to: Traffic): { in: number; out: number } | null {
  const seconds = (to.at - from.at) / 1000;
  if (seconds <= 0 || to.in < from.in || to.out < from.out) return null;
  return { in: (to.in - from.in) / seconds, out: (to.out - from.out) / seconds };
}
