import { afterAll } from "vitest";
import { postgresArchives } from "../support/archive-storage";
import { startPostgres } from "../support/postgres-server";
import { describeArchiveContract } from "./archive.contract";

const server = await startPostgres();
afterAll(() => server.close());

describeArchiveContract("Postgres", () => postgresArchives(server));
