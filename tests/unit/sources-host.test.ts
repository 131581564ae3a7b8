import { execFileSync } from "node:child_process";
import os from "node:os";
import { describe, expect, it, vi } from "vitest";
import { coresSource } from "@/lib/server/sources/built-in/host-cores";
import { disksSource, type Space } from "@/lib/server/sources/built-in/host-disks";
import { interfacesSource } from "@/lib/server/sources/built-in/host-interfaces";
import { type Mount, parseMounts } from "@/lib/server/sources/built-in/host-mounts";
import type { Source } from "@/lib/server/sources/define-source";
import { eventually } from "../support/live-wait";

type Rows = Record<string, string | number | null>[];
const read = async (source: Source, now = Date.now()) =>
  (await source.read({ signal: new AbortController().signal, now })) as Rows;

it("cores: gives the shares of each since the last reading", async () => {
  const source = coresSource();
  const rows = await eventually(async () => {
    const found = await read(source);
    expect(found.map(({ use }) => use)).not.toContain(null);
    return found;
  });
  expect(rows.map(({ core }) => core)).toEqual(os.cpus().map((_, i) => String(i)));
  for (const { use, user, system } of rows as Record<string, number>[]) {
    expect(use).toBeGreaterThanOrEqual(0);
    expect(use).toBeLessThanOrEqual(100);
    expect(Math.abs(use! - user! - system!)).toBeLessThan(0.2);
  }
});

describe("interfaces", () => {
  const counters = (name: string, base: number) => ({
    ...{ name, in: 10 * base, out: 20 * base, packetsIn: base, packetsOut: 2 * base, errors: 3 },
  });

  it("gives the rates of each since the last reading, and none where it cannot know", async () => {
    let found: ReturnType<typeof counters>[] = [];
    const source = interfacesSource({ read: async (at) => ({ at, interfaces: found }) });
    const none = { in: null, out: null, packetsIn: null, packetsOut: null, errors: 3 };
    found = [counters("eth0", 100)];
    expect(await read(source, 1000)).toEqual([{ interface: "eth0", ...none }]);
    found = [counters("eth0", 120), counters("wlan0", 5)];
    const rates = { in: 100, out: 200, packetsIn: 10, packetsOut: 20, errors: 3 };
    expect(await read(source, 3000)).toEqual([
      { interface: "eth0", ...rates },
      { interface: "wlan0", ...none },
    ]);
    found = [counters("eth0", 4)];
    expect(await read(source, 4000)).toEqual([{ interface: "eth0", ...none }]);
    found = [counters("eth0", 24)];
    expect(await read(source, 2000)).toEqual([{ interface: "eth0", ...none }]);
    expect(await read(source, 2000), "the same figures again").toEqual([{ interface: "eth0", ...none }]);
  });

  it("says that there are no figures rather than that there are no interfaces", async () => {
    await expect(read(interfacesSource({ read: async () => null }))).rejects.toThrow("does not tell");
  });

  it.runIf(process.platform === "linux")("gives those of this machine, without the loopback", async () => {
    const names = (await read(interfacesSource())).map((row) => row.interface);
    expect(names).not.toContain("lo");
    const outer = Object.keys(os.networkInterfaces()).filter((name) => /^(eth|en|wl)/.test(name));
    expect(names).toEqual(expect.arrayContaining(outer));
  });
});

describe("disks", () => {
  it("are the mounts that a person thinks of as disks, each once", () => {
    const text = [
      "sysfs /sys sysfs rw 0 0",
      "rootfs / rootfs rw 0 0",
      "/dev/vda1 / ext4 rw,relatime 0 0",
      "tmpfs /run tmpfs rw 0 0",
      "/dev/vda1 /var/lib/docker ext4 rw 0 0",
      "overlay /var/lib/docker/overlay2/x/merged overlay rw 0 0",
      "/dev/loop3 /snap/core/1 squashfs ro 0 0",
      "/dev/vda2 /boot/efi vfat rw 0 0",
      "/dev/vdb /srv/all\\040of\\040it xfs rw 0 0",
      "/dev/vdb /srv/all\\040of\\040it/part xfs rw 0 0",
      "/dev/vdc /mnt ext4 rw 0 0",
      "tmpfs /mnt tmpfs rw 0 0",
      "nas:/export /media/nas nfs4 rw 0 0",
      "/dev/sdb1 /run/media/me/stick exfat rw 0 0",
      "",
    ].join("\n");
    expect(parseMounts(text).map(({ at, isRemote }) => (isRemote ? `${at} (remote)` : at))).toEqual([
      ...["/", "/boot/efi", "/srv/all of it", "/media/nas (remote)", "/run/media/me/stick"],
    ]);
    const inContainer =
      "overlay / overlay rw 0 0\n/dev/sda1 /etc/hosts ext4 rw 0 0\n/dev/sda1 /data ext4 rw 0 0";
    expect(parseMounts(inContainer).map(({ at }) => at)).toEqual(["/", "/data"]);
  });

  it.runIf(process.platform === "linux")("say what df says", async () => {
    const source = disksSource();
    const [root] = await eventually(async () => {
      const rows = await read(source);
      expect(rows[0]).toMatchObject({ mount: "/", size: expect.any(Number) });
      return rows;
    });
    const df = execFileSync("df", ["-B1", "--output=size,used,avail,pcent", "/"], { encoding: "utf8" });
    const [size, used, free, percent] = df.split("\n")[1]!.trim().split(/\s+/).map(Number.parseFloat);
    // Others write meanwhile.
    const near = (a: unknown, b: number) => expect(Math.abs(Number(a) - b)).toBeLessThan(size! / 50);
    expect(root!.size).toBe(size);
    near(root!.used, used!);
    near(root!.free, free!);
    expect(Math.abs(Number(root!.use) - percent!)).toBeLessThan(3);
  });

  it("[S2] that hang have no figures; the others have theirs, and they too once they answer", async () => {
    const disk = (at: string, isRemote: boolean): Mount => ({ at, device: `dev${at}`, type: "x", isRemote });
    const all = [disk("/", false), ...["/a", "/b", "/c", "/d", "/e"].map((at) => disk(at, true))];
    const open: (() => void)[] = [];
    const hangs = new Set(["/a", "/b"]);
    let most = 0;
    const answer: Space = { size: 100, used: 30, free: 60, files: null };
    const space = async ({ at }: Mount) => {
      if (hangs.has(at)) {
        most = Math.max(most, open.length + 1);
        await new Promise<void>((resolve) => open.push(resolve));
      }
      return answer;
    };
    const source = disksSource({ platform: "linux", mounts: async () => all, space });
    const used = async (now: number) => (await read(source, now)).map((row) => row.used);
    const none = [null, null, null, null, null];
    expect(await used(0)).toEqual([30, ...none]);
    // The two hold what may wait for other machines; none is asked twice meanwhile.
    expect(await used(10_000)).toEqual([30, ...none]);
    expect(await used(60_000)).toEqual([30, ...none]);
    expect([open.length, most]).toEqual([2, 2]);
    hangs.clear();
    for (const end of open) end();
    await eventually(async () => expect(await used(70_000)).toEqual([30, 30, 30, 30, 30, 30]));
    expect(await used(80_000)).toEqual([30, 30, 30, 30, 30, 30]);
    expect((await read(source, 90_000))[0]).toEqual({
      ...{ mount: "/", device: "dev/", type: "x", use: 33.3, used: 30, free: 60, size: 100, files: null },
    });
  });

  it("of other systems come from systeminformation", async () => {
    const source = disksSource({ platform: "darwin" });
    await vi.waitFor(
      async () => {
        const rows = await read(source);
        expect(rows.length).toBeGreaterThan(0);
        for (const row of rows)
          expect(row).toMatchObject({ mount: expect.any(String), size: expect.any(Number) });
      },
      { timeout: 10_000 },
    );
  });
});
