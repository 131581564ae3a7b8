/** `npm run key -- create|list|revoke`: the ingest keys, also while the server runs. */
import { channels } from "@/lib/channels/registry";
import { concealer } from "../database/conceal";
import { readSettings } from "../settings";
import { runKeyCommand } from "./key-command";
import { openKeyStore } from "./open-keys";

/** Another process writes for some ms at most. */
const BUSY_MS = 5000;

async function main(): Promise<void> {
  const { dataFolder: folder, databaseUrl, redisUrl } = readSettings(process.env);
  const conceal = concealer(databaseUrl);
  const store = openKeyStore({ folder, databaseUrl, busyMs: BUSY_MS });
  try {
    const { out, note } = await runKeyCommand(process.argv.slice(2), {
      store,
      channels: channels.filter(({ filledBy }) => filledBy === "ingest").map(({ name }) => name),
      now: Date.now(),
    });
    if (out !== "") process.stdout.write(`${out}\n`);
    if (note !== undefined) process.stderr.write(`${note}\n`);
    if (redisUrl !== undefined && databaseUrl === undefined)
      process.stderr.write(
        `Without DATABASE_URL this is of one node only: the one with the folder ${folder}.\n`,
      );
  } catch (error) {
    process.stderr.write(`${conceal(error instanceof Error ? error.message : String(error))}\n`);
    process.exitCode = 1;
  } finally {
    await store.close();
  }
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
