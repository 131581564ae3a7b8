/**
 * A process with an embedded log, for tests that kill it or take its disk away. Arguments: what to do, and
 * the data folder. It says what happened on its standard output, a line for each event, written at once.
 */
import { writeSync } from "node:fs";
import Database from "better-sqlite3";
import { createSqliteLog } from "@/lib/server/log/sqlite-log";
import { codeOf } from "@/lib/shared/codes";
import type { UpdateId } from "@/lib/shared/cursor";
import { idOf, put, readAll } from "./log-harness";

const [mode, folder = ""] = process.argv.slice(2);
const log = createSqliteLog({ folder, warn: () => {}, retentionMs: mode === "churn" ? -1 : undefined });

function say(...words: unknown[]): void {
  writeSync(1, `${words.join(" ")}\n`);
}

/** Appends 20 kB and says what became of it. Answers the id, or nothing when it was refused. */
async function putBig(label: string): Promise<UpdateId | undefined> {
  const updates = [{ ch: "orders", items: [{ order: label, note: "x".repeat(20_000) }] }];
  try {
    const id = idOf((await log.append({ updates })).cursor);
    say("ack", id);
    return id;
  } catch (error) {
    say("refused", codeOf(error));
    return undefined;
  }
}

const modes: Record<string, () => Promise<void>> = {
  /** Several producers append without end; each says what was acknowledged. */
  append: async () => {
    const { epoch, head } = await log.open();
    say("open", epoch, head);
    const produce = async (producer: number) => {
      for (let n = 0; ; n++) {
        const label = `${process.pid}:${producer}:${n}`;
        say("ack", label, await put(log, label, 1 + (n % 3)));
      }
    };
    await Promise.all([0, 1, 2, 3].map(produce));
  },

  /** Dies between the third commit and its acknowledgement. */
  "die-after-commit": async () => {
    const { epoch } = await log.open();
    let commits = 0;
    log.tail(({ to }) => {
      if (++commits < 3) return;
      say("committed", epoch, to);
      process.kill(process.pid, "SIGKILL");
    });
    for (;;) say("ack", await put(log, "a"));
  },

  /** Only holds the folder. */
  hold: async () => {
    await log.open();
    say("open");
  },

  /** Only holds the database's write lock, past the engine, until a line arrives. */
  lock: async () => {
    const db = new Database(`${folder}/log.db`);
    db.exec("BEGIN IMMEDIATE");
    say("locked");
    process.stdin.once("data", () => {
      db.exec("ROLLBACK");
      db.close();
      say("released");
      process.stdin.destroy();
    });
  },

  /** Puts much more through the log than its files have room for, and trims it all the time. */
  churn: async () => {
    await log.open();
    for (let n = 0; n < 300; n++) {
      const id = await putBig(`${n}`);
      if (id === undefined || n % 5 > 0) continue;
      await log.saveCheckpoint({ id, states: {} });
      await log.trim();
    }
    await log.close();
    say("closed");
  },

  /** Fills the disk, shows that reading goes on, and waits for room. */
  fill: async () => {
    await log.open();
    let stored = 0;
    for (let refused = 0; refused < 5; ) {
      if (await putBig("before")) stored++;
      else refused++;
    }
    const entries = await readAll(log);
    say("full", stored, entries.length, await log.confirm());
    for (;;) {
      if (await putBig("after")) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await log.close();
    say("closed");
  },

  /** Uses a log and closes it: nothing may keep the process alive then. */
  close: async () => {
    await log.open();
    await put(log, "a");
    await log.close();
    say("closed");
  },
};

try {
  await modes[mode ?? ""]?.();
} catch (error) {
  say("failed", codeOf(error), (error as Error).message);
  process.exitCode = 1;
}
