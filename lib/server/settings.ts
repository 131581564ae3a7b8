import { isIP } from "node:net";
import { z } from "zod";

const HOUR_MS = 60 * 60_000;

/** A whole number from 1 on. */
const count = z.coerce
  .number("is not a whole number")
  .int("is not a whole number")
  .min(1, "is at least 1")
  .max(1_000_000, "is at most a million");

/** RFC 4632, 3.1: an address, and after a slash how many of its bits count. */
function isNetwork(text: string): boolean {
  const [address, bits, ...more] = text.split("/");
  const version = isIP(address ?? "");
  if (version === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

/** A list of addresses and networks, separated by commas; none by default. */
const networks = z
  .string()
  .default("")
  .transform((text) => (text.trim() === "" ? [] : text.split(",").map((part) => part.trim())))
  .refine(
    (parts) => parts.every(isNetwork),
    "is not a list of addresses or networks like 10.0.0.1, 10.1.0.0/16",
  );

/** For how many hours or days something is kept. */
function kept(least: number, most: number) {
  return z.coerce
    .number("is not a number")
    .min(least, `is at least ${least}`)
    .max(most, `is at most ${most}`);
}

const settingsSchema = z.object({
  PORT: z.coerce
    .number("is not a port")
    .int("is not a port")
    .min(0, "is not a port")
    .max(65_535, "is not a port")
    .default(3000),
  HOST: z
    .string()
    .default("127.0.0.1")
    .refine(
      (host) => ["127.0.0.1", "::1", "localhost"].includes(host),
      "only loopback (127.0.0.1, ::1 or localhost) is served until there are accounts",
    ),
  NOWBOARD_DATA: z.string().min(1, "names no folder").default("./data"),
  NOWBOARD_LOG_MINUTES: z.coerce
    .number("is not a number of minutes")
    .min(15, "the log keeps at least 15 minutes")
    .max(7 * 24 * 60, "a week is the most that the log keeps")
    .default(15),
  NOWBOARD_INGEST_KEY: z.string().min(16, "needs at least 16 characters").optional(),
  NOWBOARD_MAX_CONNECTIONS: count.default(10_000),
  NOWBOARD_MAX_CONNECTIONS_PER_ADDRESS: count.default(2000),
  NOWBOARD_INGEST_PER_SECOND: count.default(5000),
  NOWBOARD_TRUSTED_PROXIES: networks,
  NOWBOARD_SOURCES_ALLOW: networks,
  REDIS_URL: z
    .string()
    .refine(
      (url) => URL.canParse(url) && /^rediss?:$/.test(new URL(url).protocol) && new URL(url).hostname !== "",
      "is not an address like redis://user:password@host:6379/0",
    )
    .optional(),
  DATABASE_URL: z
    .string()
    .refine(
      (url) =>
        URL.canParse(url) &&
        /^postgres(ql)?:$/.test(new URL(url).protocol) &&
        new URL(url).pathname.length > 1,
      "is not an address like postgres://user:password@host:5432/database",
    )
    .optional(),
  NOWBOARD_HISTORY_RAW_HOURS: kept(2, 7 * 24).default(2),
  NOWBOARD_HISTORY_10S_HOURS: kept(2, 90 * 24).default(48),
  // More than the widest window, with the day in which it begins: days of half-hour zones are made of these.
  NOWBOARD_HISTORY_1MIN_DAYS: kept(1, 2 * 365).default(32),
  NOWBOARD_HISTORY_1H_DAYS: kept(1, 20 * 365).default(730),
  NOWBOARD_AUTH: z
    .undefined("is not supported yet; this version serves loopback without accounts")
    .optional(),
});

export interface Settings {
  port: number;
  host: string;
  dataFolder: string;
  logMinutes: number;
  ingestKey?: string;
  /** Set: the log is a Redis stream, shared by any number of nodes. */
  redisUrl?: string;
  /** Set: the archive is a Postgres database, shared by all nodes. It holds a password. */
  databaseUrl?: string;
  /** For how long single readings and buckets of 10 s, 1 min and 1 h are kept, ms; none shorter than the one before. */
  retention: readonly [number, number, number, number];
  limits: LimitSettings;
  /** Addresses and CIDRs that sources may reach over HTTP although they are loopback, link-local or the like. */
  sourcesAllow: readonly string[];
}

/** What one client, and all together, may take (H4). */
export interface LimitSettings {
  /** Connections that are held at a time. */
  connections: number;
  connectionsPerAddress: number;
  /** Updates, for each key or, without one, each address. */
  ingestPerSecond: number;
  /** Addresses and CIDRs whose `X-Forwarded-For` and `X-Request-Id` are believed. */
  trustedProxies: readonly string[];
}

/** Reads the settings once, at start. Throws one error that lists every mistake. An empty value counts as unset. */
export function readSettings(env: Record<string, string | undefined>): Settings {
  const given = Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, value === "" ? undefined : value]),
  );
  const parsed = settingsSchema.safeParse(given);
  if (!parsed.success) {
    const mistakes = parsed.error.issues.map(({ path, message }) => `  ${path.join(".")}: ${message}`);
    throw new Error(`Nowboard cannot start with these settings:\n${mistakes.join("\n")}`);
  }
  const { data } = parsed;
  const hours = [
    data.NOWBOARD_HISTORY_RAW_HOURS,
    data.NOWBOARD_HISTORY_10S_HOURS,
    24 * data.NOWBOARD_HISTORY_1MIN_DAYS,
    24 * data.NOWBOARD_HISTORY_1H_DAYS,
  ];
  // A chart of what is older than the fine buckets goes on with the coarse ones.
  const [raw, tens, minutes, whole] = hours.map((_, i) => Math.max(...hours.slice(0, i + 1)) * HOUR_MS);
  return {
    port: data.PORT,
    host: data.HOST,
    dataFolder: data.NOWBOARD_DATA,
    logMinutes: data.NOWBOARD_LOG_MINUTES,
    ingestKey: data.NOWBOARD_INGEST_KEY,
    redisUrl: data.REDIS_URL,
    databaseUrl: data.DATABASE_URL,
    retention: [raw!, tens!, minutes!, whole!],
    limits: {
      connections: data.NOWBOARD_MAX_CONNECTIONS,
      connectionsPerAddress: data.NOWBOARD_MAX_CONNECTIONS_PER_ADDRESS,
      ingestPerSecond: data.NOWBOARD_INGEST_PER_SECOND,
      trustedProxies: data.NOWBOARD_TRUSTED_PROXIES,
    },
    sourcesAllow: data.NOWBOARD_SOURCES_ALLOW,
  };
}
