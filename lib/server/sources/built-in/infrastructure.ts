import { statfs } from "node:fs/promises";
import os from "node:os";
import { infrastructure } from "@/lib/channels/infrastructure";
import { inBackground } from "../background";
import { defineSource } from "../define-source";
import {
  cpuTimes,
  memoryReader,
  type NetworkCounters,
  networkReader,
  perSecond,
  shares,
  traffic,
} from "./host";

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
  const readNetwork = networkReader();
  let cpu = cpuTimes();
  let counters: NetworkCounters | null = null;
  let network: ReturnType<typeof rates> = null;
  // Begun now, so that the first reading has it.
  readDisk(Date.now());

  return defineSource({
    channel: infrastructure,
    read: async ({ now }) => {
      const before = cpu;
      cpu = cpuTimes();
      const newest = await readNetwork(now);
      if (newest?.at !== counters?.at) network = counters && newest && rates(counters, newest);
      counters = newest;
      const total = os.totalmem();
      const available = readAvailable(now);
      const disk = readDisk(now);
      return {
        cpu: shares(before, cpu).use,
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
function rates(from: NetworkCounters, to: NetworkCounters): { in: number; out: number } | null {
  const [before, after] = [traffic(from), traffic(to)];
  const rate = (way: "in" | "out") => perSecond(before[way], after[way], to.at - from.at);
  const [into, out] = [rate("in"), rate("out")];
  return into === null || out === null ? null : { in: into, out };
}
