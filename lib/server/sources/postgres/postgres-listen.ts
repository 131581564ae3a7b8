import pg from "pg";
import type { Channel } from "@/lib/shared/define-channel";
import type { PostgresListenOptions } from "@/lib/shared/sources/postgres";
import { within } from "../../within";
import { gather } from "../gather";
import { type OpenContext, setting } from "../open-source";
import { ANSWER_LIMIT_MS, checkSilence } from "../silence-check";
import type { Stream } from "../stream";
import { checkPostgresUrl, postgresFailure, postgresTarget } from "./postgres-query";

const CONNECT_LIMIT_MS = 5000;

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
      const asked = (sql: string) => within(client.query(sql), ANSWER_LIMIT_MS, silent);
      const silence = checkSilence(() => asked("SELECT 1"));
      client.on("notification", ({ channel: topic, payload = "" }) => {
        silence.heard();
        push(payload, topic);
      });
      try {
        await client.connect();
        await asked(`LISTEN ${client.escapeIdentifier(listen)}`);
        ready();
        await Promise.race([ended, over, silence.run(signal)]);
      } catch (error) {
        if (!signal.aborted) throw failure(error);
      } finally {
        client.connection.stream.destroy();
      }
    },
  };
}
