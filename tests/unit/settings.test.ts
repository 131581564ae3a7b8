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

const LIMITS = {
  connections: 10_000,
  connectionsPerAddress: 2000,
  ingestPerSecond: 5000,
  trustedProxies: [],
};

const HOUR_MS = 3_600_000;

it("needs no settings, and then serves loopback", () => {
  expect(readSettings({})).toEqual({
    port: 3000,
    host: "127.0.0.1",
    dataFolder: "./data",
    logMinutes: 15,
    ingestKey: undefined,
    redisUrl: undefined,
    databaseUrl: undefined,
    retention: [2, 48, 32 * 24, 730 * 24].map((hours) => hours * HOUR_MS),
    limits: LIMITS,
    sourcesAllow: [],
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
    DATABASE_URL: "postgresql://app:secret@db.internal:5433/nowboard",
    NOWBOARD_HISTORY_RAW_HOURS: "26",
    NOWBOARD_HISTORY_10S_HOURS: "72.5",
    NOWBOARD_HISTORY_1MIN_DAYS: "60",
    NOWBOARD_HISTORY_1H_DAYS: "1000",
    NOWBOARD_MAX_CONNECTIONS: "500",
    NOWBOARD_MAX_CONNECTIONS_PER_ADDRESS: "50",
    NOWBOARD_INGEST_PER_SECOND: "100",
    NOWBOARD_TRUSTED_PROXIES: "127.0.0.1, 10.0.0.0/8,fd00::/8",
    NOWBOARD_SOURCES_ALLOW: "127.0.0.1,::1/128",
    PATH: "/usr/bin",
  };
  expect(readSettings(env)).toEqual({
    port: 0,
    host: "::1",
    dataFolder: "/srv/data",
    logMinutes: 60,
    ingestKey: "0123456789abcdef",
    redisUrl: "rediss://app:secret@redis.internal:6380/2",
    databaseUrl: "postgresql://app:secret@db.internal:5433/nowboard",
    retention: [26, 72.5, 60 * 24, 1000 * 24].map((hours) => hours * HOUR_MS),
    limits: {
      connections: 500,
      connectionsPerAddress: 50,
      ingestPerSecond: 100,
      trustedProxies: ["127.0.0.1", "10.0.0.0/8", "fd00::/8"],
    },
    sourcesAllow: ["127.0.0.1", "::1/128"],
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
    NOWBOARD_MAX_CONNECTIONS: "many",
    NOWBOARD_TRUSTED_PROXIES: "proxy.internal",
    REDIS_URL: "http://localhost",
    DATABASE_URL: "postgres://localhost",
    NOWBOARD_AUTH: "proxy",
  });
  expect(found.map((line) => line.split(":")[0])).toEqual([
    "PORT",
    "HOST",
    "NOWBOARD_LOG_MINUTES",
    "NOWBOARD_INGEST_KEY",
    "NOWBOARD_MAX_CONNECTIONS",
    "NOWBOARD_TRUSTED_PROXIES",
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
  ["NOWBOARD_MAX_CONNECTIONS", "0"],
  ["NOWBOARD_MAX_CONNECTIONS", "1.5"],
  ["NOWBOARD_MAX_CONNECTIONS_PER_ADDRESS", "-1"],
  ["NOWBOARD_MAX_CONNECTIONS_PER_ADDRESS", "1000001"],
  ["NOWBOARD_INGEST_PER_SECOND", "fast"],
  ["NOWBOARD_TRUSTED_PROXIES", "loopback"],
  ["NOWBOARD_TRUSTED_PROXIES", "10.0.0.0/33"],
  ["NOWBOARD_TRUSTED_PROXIES", "10.0.0.1,"],
  ["NOWBOARD_TRUSTED_PROXIES", "::1/129"],
  ["NOWBOARD_TRUSTED_PROXIES", "10.0.0.0/8/8"],
  ["NOWBOARD_SOURCES_ALLOW", "localhost"],
  ["REDIS_URL", "localhost:6379"],
  ["REDIS_URL", "http://localhost:6379"],
  ["REDIS_URL", "redis"],
  ["DATABASE_URL", "mysql://localhost/nowboard"],
  ["DATABASE_URL", "postgres://localhost"],
  ["DATABASE_URL", "localhost/nowboard"],
  ["NOWBOARD_HISTORY_RAW_HOURS", "1.9"],
  ["NOWBOARD_HISTORY_RAW_HOURS", "200"],
  ["NOWBOARD_HISTORY_10S_HOURS", "long"],
  ["NOWBOARD_HISTORY_1MIN_DAYS", "0"],
  ["NOWBOARD_HISTORY_1H_DAYS", "Infinity"],
])("refuses %s=%s and nothing else", (name, value) => {
  expect(mistakes({ [name]: value })).toEqual([expect.stringMatching(new RegExp(`^${name}: .{8,}`))]);
});

it("keeps coarser history at least as long as finer history", () => {
  const env = { NOWBOARD_HISTORY_RAW_HOURS: "100", NOWBOARD_HISTORY_1MIN_DAYS: "2" };
  expect(readSettings(env).retention).toEqual([100, 100, 100, 730 * 24].map((hours) => hours * HOUR_MS));
});

it("does not repeat a key in what it says", () => {
  const env = {
    NOWBOARD_INGEST_KEY: "hunter2",
    REDIS_URL: "rediss:hunter2@",
    DATABASE_URL: "pg://a:hunter2@b/c",
  };
  expect(mistakes(env).join()).not.toContain("hunter2");
});
