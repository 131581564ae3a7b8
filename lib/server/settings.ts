import { z } from "zod";

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
  REDIS_URL: z
    .string()
    .refine(
      (url) => URL.canParse(url) && /^rediss?:$/.test(new URL(url).protocol) && new URL(url).hostname !== "",
      "is not an address like redis://user:password@host:6379/0",
    )
    .optional(),
  DATABASE_URL: z.undefined("is not supported yet; this version keeps its data in NOWBOARD_DATA").optional(),
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
  const { PORT, HOST, NOWBOARD_DATA, NOWBOARD_LOG_MINUTES, NOWBOARD_INGEST_KEY, REDIS_URL } = parsed.data;
  return {
    port: PORT,
    host: HOST,
    dataFolder: NOWBOARD_DATA,
    logMinutes: NOWBOARD_LOG_MINUTES,
    ingestKey: NOWBOARD_INGEST_KEY,
    redisUrl: REDIS_URL,
  };
}
