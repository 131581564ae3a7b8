import type { NowboardServer } from "./start-server";

/**
 * A deployment that already runs, in the place of a server of the test's own: `NOWBOARD_URL`, and
 * `NOWBOARD_INGEST_KEY` where ingest asks for one. It can be watched and sent to, but not killed or stalled.
 */
export function runningDeployment(): NowboardServer | undefined {
  const { NOWBOARD_URL, NOWBOARD_INGEST_KEY } = process.env;
  if (!NOWBOARD_URL) return undefined;
  const { protocol, hostname, port, origin } = new URL(NOWBOARD_URL);
  if (protocol !== "http:")
    throw new Error("NOWBOARD_URL must be http: the test's network has to read requests");
  const beyond = () => {
    throw new Error("This needs a server of the test's own; run it without NOWBOARD_URL");
  };
  return {
    url: origin,
    host: hostname,
    port: Number(port || 80),
    ingestKey: NOWBOARD_INGEST_KEY,
    isOwn: false,
    disturbances: 0,
    get dataFolder() {
      return beyond();
    },
    get pid() {
      return beyond();
    },
    kill9: beyond,
    stop: beyond,
    restart: beyond,
    stall: beyond,
    resume: beyond,
    output: () => "",
    close: async () => {},
  };
}
