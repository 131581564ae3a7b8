import pg from "pg";
import type { Channel } from "@/lib/shared/define-channel";
import type { PostgresListenOptions } from "@/lib/shared/sources/postgres";
import { within } from "../../within";
import { SYSTEM_CLOCK } from "../clock";
import { gather } from "../gather";
import { type OpenContext, setting } from "../open-source";
import { pause } from "../retry";
import type { Stream } from "../stream";
import { checkPostgresUrl, postgresFailure, postgresTarget } from "./postgres-query";

const CONNECT_LIMIT_MS = 5000;
/** A connection that went silent looks like one on which nothing happens, so it is asked now and then, ms. */
const CHECK_MS = 8000;
const ANSWER_LIMIT_MS = 4000;

/** A source of notifications. Throws for a declaration that cannot work. */
export function postgresListenSource(
  channel: Channel,
  options: PostgresListenOptions,
  context: OpenContext,
): Stream {
  const url = setting(context, options.url);
  checkPostgresUrl(url);
  const { listen, policy, map } = options;
  return {
    ...{ channel, policy, map, kind: "PostgreSQL", target: `${postgresTarget(url)}, LISTEN ${listen}` },
    async run(running) {
      const { signal, ready } = running;
      const failure = postgresFailure(url);
      const client = new pg.Client({
        connectionString: url,
        connectionTimeoutMillis: CONNECT_LIMIT_MS,
        keepAlive: true,
        application_name: "nowboard source",
      });
      const ended = new Promise<never>((_, reject) => {
        client.on("error", reject);
        client.on("end", () => reject(new Error("Postgres closed the connection")));
      });
      ended.catch(() => {});
      const silent = () => new Error("Postgres does not answer");
      const { push, over } = gather(running);
      client.on("notification", ({ channel: topic, payload = "" }) => push(payload, topic));
      const check = async () => {
        for (;;) {
          await pause(SYSTEM_CLOCK, CHECK_MS, signal);
          await within(client.query("SELECT 1"), ANSWER_LIMIT_MS, silent);
        }
      };
      try {
        await client.connect();
        await within(client.query(`LISTEN ${client.escapeIdentifier(listen)}`), ANSWER_LIMIT_MS, silent);
        ready();
        await Promise.race([ended, over, check()]);
      } catch (error) {
        if (!signal.aborted) throw failure(error);
      } finally {
        client.connection.stream.destroy();
      }
    },
  };
}
