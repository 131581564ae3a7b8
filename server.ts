import next from "next";
import { answerDirectly } from "@/lib/server/http/direct";
import { createHttpServer, LISTEN_BACKLOG, nextUpgrades } from "@/lib/server/http/server";
import { CLUSTER_TIMES, SINGLE_TIMES, stop } from "@/lib/server/http/stop";
import { createLogger } from "@/lib/server/logger";
import { startRuntime } from "@/lib/server/runtime";
import { setRuntime } from "@/lib/server/runtime-slot";
import { readSettings } from "@/lib/server/settings";
import { createSocketServer } from "@/lib/server/transports/socket";

// What a self-hosted dashboard does is nobody else's business.
process.env.NEXT_TELEMETRY_DISABLED ??= "1";
const dev = process.env.NODE_ENV !== "production";
const logger = createLogger();

async function start(): Promise<void> {
  const settings = readSettings(process.env);
  const { port, host } = settings;
  const runtime = await startRuntime({ settings, logger, onDrain: () => begin("drain") });
  setRuntime(runtime);
  if (dev) {
    const { watchChannels } = await import("@/lib/server/dev/hot-channels");
    watchChannels(runtime, { print: (line) => process.stdout.write(line) });
  }

  const app = next({ dev, hostname: host, port, httpServer: nextUpgrades });
  await app.prepare();
  const io = createSocketServer();
  runtime.serveSocket(io);
  let stopping = false;
  const handle = app.getRequestHandler();
  const server = createHttpServer({
    handle: (req, res) => answerDirectly(runtime.direct, req, res) || handle(req, res),
    ...runtime.door,
    engine: io.engine,
    dev,
    isStopping: () => stopping,
  });

  const begin = (cause: string) => {
    if (stopping) return;
    stopping = true;
    logger.info({ cause }, "stopping");
    const times = settings.redisUrl === undefined ? SINGLE_TIMES : CLUSTER_TIMES;
    stop({ server, io, runtime, exit: process.exit }, times).catch(fail);
  };
  process.on("SIGTERM", begin);
  process.on("SIGINT", begin);

  server.on("error", (error) => fail(error));
  server.listen({ port, host, backlog: LISTEN_BACKLOG }, () => {
    const address = server.address();
    const actual = typeof address === "object" && address ? address.port : port;
    process.stdout.write(
      `Nowboard is running at http://${host.includes(":") ? `[${host}]` : host}:${actual}\n`,
    );
  });
}

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

start().catch(fail);
