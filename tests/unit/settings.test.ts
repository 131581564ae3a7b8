import { expect, it } from "vitest";
import { readSettings } from "@/lib/server/settings";

function mistakes(env: Record<string, string>): string[] {
  try {
    readSettings(env);
  } catch (error) {
    const [title, ...lines] = (error as Error).message.split("\n");
    expect(title).toBe("Nowboard cannot start with these settings:");
    return lines.map((line) => line.trim());
  }
  return [];
}

it("needs no settings, and then serves loopback", () => {
  expect(readSettings({})).toEqual({
    port: 3000,
    host: "127.0.0.1",
    dataFolder: "./data",
    logMinutes: 15,
    ingestKey: undefined,
    redisUrl: undefined,
  });
});

it("takes what is set, and an empty value for unset", () => {
  const env = {
    PORT: "0",
    HOST: "::1",
    NOWBOARD_DATA: "/srv/data",
    NOWBOARD_LOG_MINUTES: "60",
    NOWBOARD_INGEST_KEY: "0123456789abcdef",
    REDIS_URL: "rediss://app:secret@redis.internal:6380/2",
    PATH: "/usr/bin",
  };
  expect(readSettings(env)).toEqual({
    port: 0,
    host: "::1",
    dataFolder: "/srv/data",
    logMinutes: 60,
    ingestKey: "0123456789abcdef",
    redisUrl: "rediss://app:secret@redis.internal:6380/2",
  });
  const empty = Object.fromEntries(
    [...Object.keys(env), "REDIS_URL", "NOWBOARD_AUTH"].map((name) => [name, ""]),
  );
  expect(readSettings(empty)).toEqual(readSettings({}));
});

it("reports all mistakes together, each with its name", () => {
  const found = mistakes({
    PORT: "http",
    HOST: "0.0.0.0",
    NOWBOARD_LOG_MINUTES: "5",
    NOWBOARD_INGEST_KEY: "short",
    REDIS_URL: "http://localhost",
    DATABASE_URL: "postgres://localhost",
    NOWBOARD_AUTH: "proxy",
  });
  expect(found.map((line) => line.split(":")[0])).toEqual([
    "PORT",
    "HOST",
    "NOWBOARD_LOG_MINUTES",
    "NOWBOARD_INGEST_KEY",
    "REDIS_URL",
    "DATABASE_URL",
    "NOWBOARD_AUTH",
  ]);
});

it.each([
  ["PORT", "65536"],
  ["PORT", "-1"],
  ["PORT", "80.5"],
  ["PORT", "80 81"],
  ["HOST", "0.0.0.0"],
  ["HOST", "::"],
  ["HOST", "192.168.1.2"],
  ["HOST", "example.com"],
  ["NOWBOARD_LOG_MINUTES", "14.9"],
  ["NOWBOARD_LOG_MINUTES", "Infinity"],
  ["NOWBOARD_LOG_MINUTES", "999999"],
  ["NOWBOARD_LOG_MINUTES", "a while"],
  ["NOWBOARD_INGEST_KEY", "fifteen letters"],
  ["REDIS_URL", "localhost:6379"],
  ["REDIS_URL", "http://localhost:6379"],
  ["REDIS_URL", "redis"],
])("refuses %s=%s and nothing else", (name, value) => {
  expect(mistakes({ [name]: value })).toEqual([expect.stringMatching(new RegExp(`^${name}: .{8,}`))]);
});

it("does not repeat a key in what it says", () => {
  const env = { NOWBOARD_INGEST_KEY: "hunter2", REDIS_URL: "rediss:hunter2@" };
  expect(mistakes(env).join()).not.toContain("hunter2");
});
