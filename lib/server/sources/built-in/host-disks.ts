import { readFile, statfs } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { disks } from "@/lib/channels/host-disks";
import { inBackground } from "../background";
import { defineSource } from "../define-source";
import { createLimit } from "../limit";
import { type Mount, parseMounts } from "./host-mounts";

/** How long a reading waits for the file systems, ms: disks answer in one. */
const WAIT_MS = 20;
/** Questions to other machines at a time: one that hangs holds one of the four threads that Node has for files. */
const MAX_REMOTE = 2;

/** What a file system says of itself. */
export interface Space {
  /** Bytes. */
  size: number;
  used: number;
  /** What programs that are not root can still use. */
  free: number;
  /** Percent; `null` where files need no slots. */
  files: number | null;
}

interface DisksDeps {
  platform?: NodeJS.Platform;
  mounts?: () => Promise<Mount[]>;
  space?: (mount: Mount) => Promise<Space>;
}

/**
 * How full each disk is. Costs less than a millisecond on Linux. Each is asked in the background: one that hangs, as
 * those on other machines do, has no figures, and the others have theirs.
 */
export function disksSource(deps: DisksDeps = {}) {
  const { platform = process.platform, mounts = linuxMounts, space = spaceOf } = deps;
  const rows = platform === "linux" ? linuxRows(mounts, space) : elsewhereRows();
  return defineSource({ channel: disks, target: "This machine", read: ({ now }) => rows(now) });
}

function linuxRows(mounts: () => Promise<Mount[]>, space: (mount: Mount) => Promise<Space>) {
  /** By what is mounted where. */
  let readers = new Map<string, (now: number) => Space | null>();
  const limit = createLimit(MAX_REMOTE);
  const ask = (mount: Mount) => (mount.isRemote ? limit(() => space(mount)) : space(mount));

  return async (now: number) => {
    const found = (await mounts()).slice(0, disks.maxRows);
    const known = readers;
    const idOf = (mount: Mount) => [mount.device, mount.type, mount.at].join(" ");
    readers = new Map(
      found.map((mount) => {
        const id = idOf(mount);
        return [id, known.get(id) ?? inBackground(disks.cadence / 2, () => ask(mount))];
      }),
    );
    for (const read of readers.values()) read(now);
    await sleep(WAIT_MS);
    return found.map((mount) => rowOf(mount, readers.get(idOf(mount))?.(now) ?? null));
  };
}

async function linuxMounts(): Promise<Mount[]> {
  return parseMounts(await readFile("/proc/mounts", "utf8"));
}

/** As df counts: what is kept back for root is neither free nor in use. */
async function spaceOf({ at }: Mount): Promise<Space> {
  const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(at);
  const used = (blocks - bfree) * bsize;
  return {
    ...{ size: blocks * bsize, used, free: bavail * bsize },
    files: files > 0 ? (100 * (files - ffree)) / files : null,
  };
}

function rowOf({ at, device, type }: Mount, space: Space | null) {
  const { size = null, used = null, free = null, files = null } = space ?? {};
  const use = used === null || free === null ? null : (100 * used) / (used + free);
  return { mount: at, device, type, use: rounded(use), used, free, size, files: rounded(files) };
}

/** To what is shown, so that the row of a quiet disk stays as it is. */
function rounded(percent: number | null): number | null {
  return percent === null || Number.isNaN(percent) ? null : Math.round(10 * percent) / 10;
}

/** What starts a process (macOS, Windows) is asked in the background. */
function elsewhereRows() {
  const read = inBackground(disks.cadence, async () => {
    const { fsSize } = await import("systeminformation");
    return (await fsSize()).map(({ mount, fs, type, size, used, available }) =>
      rowOf({ at: mount, device: fs, type, isRemote: false }, { size, used, free: available, files: null }),
    );
  });
  // Begun now, so that the first reading has it.
  read(Date.now());
  return async (now: number) => {
    const rows = read(now);
    if (!rows) throw new Error("This machine has not told its disks yet");
    return rows;
  };
}
