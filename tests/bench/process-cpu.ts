import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

let ticksPerSecond: number | undefined;

/** CPU time that a process of this machine has used since its start, µs. Linux only. */
export function processCpuUs(pid: number): number {
  return cpuUs(`/proc/${pid}/stat`);
}

/** The part of it that its first thread has used, µs; in Chromium's renderers that is the main thread. */
export function mainThreadCpuUs(pid: number): number {
  return cpuUs(`/proc/${pid}/task/${pid}/stat`);
}

function cpuUs(path: string): number {
  ticksPerSecond ??= Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
  const stat = readFileSync(path, "utf8");
  // proc(5): the second field, the name, stands in parentheses and may hold spaces; utime and stime are 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1e6) / ticksPerSecond;
}
