import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { freePort } from "./free-port";

const START_MS = 20_000;
const STOP_MS = 15_000;
/** Where Debian keeps it, a folder for each version; on nobody's path. */
const DEBIAN = "/usr/lib/postgresql";

export interface PostgresServer {
  /** Makes an empty database; where it is. */
  createDatabase(): Promise<string>;
  /** Ends it as a power cut would, and waits until it is gone. */
  kill9(): Promise<void>;
  /** Stops it and all its connections as they are: open, and silent. Returns the way to let them go on. */
  hang(): () => void;
  /** Asks it to end its connections and itself. */
  stop(): Promise<void>;
  /** Starts it again on the same port and files. */
  start(): Promise<void>;
  /** Ends it and removes its folder. */
  close(): Promise<void>;
}

/** The folder of `initdb` and `postgres`, the newest version; `undefined` where they are not installed. */
export function findPostgres(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(DEBIAN, version, "bin")),
    ...(process.env.PATH ?? "").split(":").filter(Boolean),
  ];
  return folders.find((folder) => existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres")));
}

const running = new Map<ChildProcess, string>();
process.once("exit", () => {
  for (const [child, folder] of running) {
    child.kill("SIGQUIT");
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Postgres refuses to run as root: then the user that its package made runs it. */
function otherUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const number = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: number("-u"), gid: number("-g") };
}

/** Starts a real Postgres on loopback, with a folder of its own; resolves once it answers. */
export async function startPostgres(): Promise<PostgresServer> {
  const programs = findPostgres();
  if (!programs) throw new Error("Postgres is not installed");
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "nowboard-postgres-"));
  const user = otherUser();
  if (user) chownSync(folder, user.uid, user.gid);
  const data = join(folder, "data");
  let child: ChildProcess | undefined;
  let printed = "";
  let databases = 0;

  function url(database: string): string {
    return `postgres://postgres@127.0.0.1:${port}/${database}`;
  }

  async function start(): Promise<void> {
    const settings = [
      "fsync=off",
      "unix_socket_directories=",
      "listen_addresses=127.0.0.1",
      "max_connections=50",
    ];
    const deadline = Date.now() + START_MS;
    while (Date.now() < deadline) {
      const started = spawn(
        join(programs!, "postgres"),
        ["-D", data, "-p", String(port), ...settings.flatMap((setting) => ["-c", setting])],
        { ...user, stdio: ["ignore", "pipe", "pipe"], cwd: folder },
      );
      child = started;
      running.set(started, folder);
      const keep = (chunk: Buffer) => {
        printed = (printed + chunk.toString()).slice(-16_384);
      };
      started.stdout.on("data", keep);
      started.stderr.on("data", keep);
      started.once("exit", () => running.delete(started));
      while (!hasEnded(started) && Date.now() < deadline) {
        if (await answers()) return;
        await sleep(30);
      }
      // After a kill the processes of the one before may hold its files for a moment.
      await sleep(100);
    }
    throw new Error(`postgres did not come up on port ${port}\n${printed}`);
  }

  async function answers(): Promise<boolean> {
    const client = new pg.Client({ connectionString: url("postgres"), connectionTimeoutMillis: 1000 });
    client.on("error", () => {});
    try {
      await client.connect();
      await client.query("select 1");
      return true;
    } catch {
      return false;
    } finally {
      await client.end().catch(() => {});
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = child;
    if (!ending || hasEnded(ending)) return;
    const ended = once(ending, "exit", { signal: AbortSignal.timeout(STOP_MS) });
    ending.kill(signal);
    await ended.catch(() => {
      throw new Error(`postgres still runs ${STOP_MS} ms after ${signal}\n${printed}`);
    });
  }

  try {
    const options = ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"];
    execFileSync(join(programs, "initdb"), options, { ...user, stdio: "pipe", cwd: folder });
    await start();
  } catch (error) {
    child?.kill("SIGQUIT");
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }

  return {
    hang() {
      const { pid } = child!;
      const answer = spawnSync("pgrep", ["-P", String(pid)], { encoding: "utf8" }).stdout;
      const pids = [...answer.trim().split("\n").filter(Boolean).map(Number), pid!];
      for (const one of pids) process.kill(one, "SIGSTOP");
      return () => {
        for (const one of pids) {
          try {
            process.kill(one, "SIGCONT");
          } catch {
            // It was ended meanwhile.
          }
        }
      };
    },

    async createDatabase() {
      const client = new pg.Client({ connectionString: url("postgres") });
      await client.connect();
      const name = `test_${databases++}`;
      await client.query(`create database ${name}`);
      await client.end();
      return url(name);
    },
    kill9: () => end("SIGKILL"),
    stop: () => end("SIGINT"),
    start,
    async close() {
      await end("SIGQUIT");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
