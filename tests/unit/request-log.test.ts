import { Writable } from "node:stream";
import { expect, it } from "vitest";
import { type Answered, createRequestLog } from "@/lib/server/http/request-log";
import type { Visit } from "@/lib/server/http/visit";
import { createLogger } from "@/lib/server/logger";

function startLog() {
  const lines: Record<string, unknown>[] = [];
  const write = (chunk: Buffer, _encoding: unknown, done: () => void) => {
    lines.push(JSON.parse(String(chunk)));
    done();
  };
  const log = createRequestLog(createLogger("info", new Writable({ write })));
  const answered: Answered = { method: "GET", target: "/", status: 429, durationMs: 0 };
  const visit: Visit = {
    id: "one",
    address: "192.0.2.1",
    kind: { route: "page", held: false, isNew: true },
    at: 0,
    code: "rate_limited",
  };
  return {
    lines,
    refuse: (at: number, target = "/") => log({ ...visit, at }, { ...answered, target }),
  };
}

it("the log of requests is no flood when refusals are, and says how many lines it left out", () => {
  const { lines, refuse } = startLog();
  for (let n = 0; n < 10_000; n++) refuse(0);
  expect(lines).toHaveLength(500);
  refuse(1000);
  expect(lines.at(-1)).toMatchObject({ leftOut: 9500 });
  refuse(1000);
  expect(lines.at(-1)).not.toHaveProperty("leftOut");
  for (let second = 2; second < 62; second++) for (let n = 0; n < 1000; n++) refuse(second * 1000);
  expect(lines.length).toBeLessThanOrEqual(500 + 61 * 50);
});

it("the log of requests has paths without their query, and cuts long ones", () => {
  const { lines, refuse } = startLog();
  refuse(0, `/${"x".repeat(5000)}?secret`);
  refuse(0, "/a?b?c");
  expect(String(lines[0]!.path)).toHaveLength(200);
  expect(lines[1]!.path).toBe("/a");
});
