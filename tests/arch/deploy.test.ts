import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CLUSTER_TIMES } from "@/lib/server/http/stop";
import { readSource } from "./source-files";

const unit = readSource("deploy/nowboard.service");
const hasSystemd = spawnSync("systemd-analyze", ["--version"]).status === 0;

/** What systemd says about the unit; nothing when all is well. Programs that it starts are taken as given. */
function verify(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "nowboard-unit-"));
  const program = join(folder, "node");
  writeFileSync(program, "#!/bin/sh\n");
  chmodSync(program, 0o755);
  const path = join(folder, "nowboard.service");
  writeFileSync(path, text.replace("ExecStart=/usr/bin/node", `ExecStart=${program}`));
  const { stdout, stderr, status } = spawnSync("systemd-analyze", ["verify", "--man=no", path], {
    encoding: "utf8",
  });
  rmSync(folder, { recursive: true });
  return status === 0 ? stdout + stderr : `failed: ${stdout}${stderr}`;
}

describe("deploy/nowboard.service", () => {
  it.skipIf(!hasSystemd)("is accepted by systemd without a warning (needs systemd-analyze)", () => {
    expect(verify(unit)).toBe("");
    // Said of one that is wrong, so that silence means something.
    expect(verify(unit.replace("Restart=always", "Restart=forever"))).toContain("restart specifier");
    expect(verify(unit.replace("ProtectSystem=", "ProtectSystems="))).toContain("ProtectSystems");
  });

  it.skipIf(!hasSystemd)("leaves the service little to do harm with", () => {
    const { stdout } = spawnSync(
      "systemd-analyze",
      ["security", "--offline=yes", "--no-pager", join(process.cwd(), "deploy/nowboard.service")],
      { encoding: "utf8" },
    );
    // systemd's own scale: 10 is a service without any limits.
    const [, exposure] = /Overall exposure level for nowboard\.service: ([\d.]+)/.exec(stdout)!;
    expect(Number(exposure)).toBeLessThan(2.5);
  });

  it("waits longer than a stop may take", () => {
    const [, seconds] = /^TimeoutStopSec=(\d+)$/m.exec(unit)!;
    const [, most] = /STOP_MS = ([\d_]+)/.exec(readSource("lib/server/http/stop.ts"))!;
    expect(Number(seconds) * 1000).toBeGreaterThan(Number(most!.replace("_", "")));
    expect(unit).toMatch(/^KillSignal=SIGTERM$/m);
    expect(unit).toMatch(/^Restart=always$/m);
  });
});

describe("the proxies' configurations", () => {
  it("let go of idle connections, and notice, before a node that stops refuses them", () => {
    const noticeMs = CLUSTER_TIMES.noticeMs;
    const [, keep] = /keepalive_timeout (\d+)s;/.exec(readSource("deploy/nginx.conf"))!;
    expect(Number(keep) * 1000).toBeLessThan(noticeMs);
    const haproxy = readSource("deploy/haproxy.cfg");
    const checks = [...haproxy.matchAll(/inter (\d+)s fall (\d+) rise \d+ pool-purge-delay (\d+)s/g)];
    expect(checks).toHaveLength(3);
    for (const [, inter, fall, purge] of checks) {
      expect(Number(inter) * Number(fall) * 1000).toBeLessThan(noticeMs);
      expect(Number(purge) * 1000).toBeLessThan(noticeMs);
    }
  });
});
