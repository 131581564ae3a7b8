import { EventEmitter } from "node:events";
import type { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { archiveInWorker } from "@/lib/server/history/archive-calls";

it("[A1][A3] readers, however many, leave room for what fills the archive", async () => {
  const posted: string[] = [];
  // A worker that never answers: what it is given waits.
  const worker = Object.assign(new EventEmitter(), {
    postMessage: ({ op }: { op: string }) => posted.push(op),
    terminate: async () => 0,
  });
  const archive = archiveInWorker(
    () => worker as unknown as Worker,
    () => {},
  );
  const range = { channel: "x", metrics: ["a"], from: 0, to: 1000, step: 1000, width: 0 };
  const refused: string[] = [];
  const reads = Array.from({ length: 60 }, () =>
    archive.range(range).catch((error: { code: string }) => refused.push(error.code)),
  );
  await new Promise((resolve) => setImmediate(resolve));
  expect(posted.filter((op) => op === "range")).toHaveLength(48);
  expect(refused).toEqual(Array(12).fill("overloaded"));
  const filled = archive.position().catch(() => {});
  expect(posted.at(-1)).toBe("position");
  worker.emit("exit");
  await Promise.all([...reads, filled]);
});
