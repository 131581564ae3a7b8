import type { NowboardServer } from "./start-server";

/**
 * A deployment that already runs, in the place of a server of the test's own: `NOWBOARD_URL`, and
 * `NOWBOARD_INGEST_KEY` where ingest asks for one.
 */
export function runningDeployment(): NowboardServer | undefined {
  const { NOWBOARD_URL, NOWBOARD_INGEST_KEY } = process.env;
  return NOWBOARD_URL ? deploymentAt(NOWBOARD_URL, NOWBOARD_INGEST_KEY) : undefined;
}

/** A deployment that can be watched and sent to, but not killed or stalled as one process. */
export function deploymentAt(address: string, ingestKey?: string): NowboardServer {
  const { protocol, hostname, port, origin } = new URL(address);
  if (protocol !== "http:")
    throw new Error("NOWBOARD_URL must be http: the test's network has to read requests");
  const beyond = () => {
    throw new Error("This needs a server of the test's own; run it without NOWBOARD_URL");
  };
  return {
    url: origin,
    host: hostname,
    port: Number(port || 80),
    ingestKey,
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
