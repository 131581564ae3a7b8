/**
 * A process that archives, for tests that kill it. Arguments: what to do, a data folder and, for Postgres, its URL.
 * It says on its standard output what was acknowledged, a line for each, written at once.
 */
import { writeSync } from "node:fs";
import { startArchive } from "@/lib/server/history/start-archive";
import { madeUpUpdate } from "./archive-model";
import { testChannels } from "./live-channels";

const [mode, folder = "", databaseUrl] = process.argv.slice(2);
const HOUR_MS = 3_600_000;
const retention = [1e6 * HOUR_MS, 1e6 * HOUR_MS, 1e6 * HOUR_MS, 1e6 * HOUR_MS] as const;
const archive = startArchive({ folder, databaseUrl, channels: testChannels, retention, warn: () => {} });

function say(...words: unknown[]): void {
  writeSync(1, `${words.join(" ")}\n`);
}

let { cursor } = await archive.open();
say("open", cursor);
for (let batch = 1; ; batch++) {
  const done = cursor === "" ? 0 : Number(cursor.split("-")[0]);
  const updates = Array.from({ length: 1 + (batch % 9) }, (_, i) => madeUpUpdate(done + i + 1));
  const next = updates.at(-1)!.id;
  const until = Number(next.split("-")[0]);
  const request = { expected: cursor, cursor: next, until, aliveAt: null, updates, outages: [], now: 0 };
  const { stored } = await archive.fold(request);
  if (!stored) throw new Error("nobody else archives here");
  // Committed, and nobody has been told.
  if (mode === "die-after-commit" && batch === 3) process.kill(process.pid, "SIGKILL");
  cursor = next;
  say("ack", cursor);
}
