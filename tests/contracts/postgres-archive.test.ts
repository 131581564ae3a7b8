import { afterAll, expect, it } from "vitest";
import { createArchiveStore } from "@/lib/server/history/archive-store";
import { openPostgres, POSTGRES } from "@/lib/server/history/postgres-archive";
import { postgresArchives } from "../support/archive-storage";
import { startPostgres } from "../support/postgres-server";
import { startTcpProxy } from "../support/tcp-proxy";
import { describeArchiveContract } from "./archive.contract";

const server = await startPostgres();
afterAll(() => server.close());

describeArchiveContract("Postgres", () => postgresArchives(server));

it("[K4] is made by whichever node comes first, when all come at once", async () => {
  const storage = await postgresArchives(server);
  const nodes = Array.from({ length: 6 }, () => storage.create());
  const positions = await Promise.all(nodes.map((node) => node.open()));
  expect(new Set(positions.map(({ cursor }) => cursor))).toEqual(new Set([""]));
  expect(await storage.rows("history_archive")).toHaveLength(1);
  await storage.destroy();
});

it("[A3] gives up a connection on which nothing comes back, and goes on with another", async () => {
  const url = new URL(await server.createDatabase());
  const proxy = await startTcpProxy(Number(url.port));
  url.port = String(proxy.port);
  const db = openPostgres(url.href);
  const archive = createArchiveStore({ db, dialect: POSTGRES, metrics: {}, retention: [0, 0, 0, 0] });
  expect(await archive.position()).toMatchObject({ cursor: "" });
  // Packets of the connections that are there get lost from now on.
  proxy.delayOpen();
  await expect(archive.position()).rejects.toThrow(/timeout/);
  expect(await archive.position()).toMatchObject({ cursor: "" });
  await proxy.close();
  await archive.close();
}, 30_000);
