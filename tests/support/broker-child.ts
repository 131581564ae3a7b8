/**
 * A process with a log and one source, for tests that kill it. Its argument is a JSON object. It ends itself, as a power
 * cut would, when so many groups of messages are about to be stored, are being stored, or have just been.
 */
import type { AppendRequest } from "@/lib/server/log/log";
import { createSqliteLog } from "@/lib/server/log/sqlite-log";
import { declareSource, type SourceOptions } from "@/lib/shared/sources/declare-source";
import { events, runBrokerSource } from "./broker-lab";

export interface BrokerChild {
  folder: string;
  options: SourceOptions;
  env: Record<string, string>;
  dies?: { after: number; when: "before" | "during" | "afterwards" };
}

const { folder, options, env, dies } = JSON.parse(process.argv[2]!) as BrokerChild;
const log = createSqliteLog({ folder, warn: () => {} });
await log.open();
let groups = 0;

async function append(request: AppendRequest): Promise<unknown> {
  if (request.updates.some(({ items }) => items)) groups += 1;
  const isLast = dies !== undefined && groups >= dies.after;
  if (isLast && dies.when === "before") process.kill(process.pid, "SIGKILL");
  const appending = log.append(request);
  if (isLast && dies.when === "during") setImmediate(() => process.kill(process.pid, "SIGKILL"));
  const appended = await appending;
  if (isLast) process.kill(process.pid, "SIGKILL");
  return appended;
}

await runBrokerSource(declareSource(events, options), env, { append, places: log.places });
// A test that ends early closes it.
process.stdin.resume().once("end", () => process.exit());
