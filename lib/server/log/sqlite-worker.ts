import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { openDatabase } from "./sqlite-database";
import { createSqliteStore } from "./sqlite-store";
import { serveStore } from "./store-calls";

const { folder } = workerData as { folder: string };
if (parentPort)
  serveStore(
    parentPort,
    createSqliteStore(() => openDatabase(join(folder, "log.db"))),
  );
