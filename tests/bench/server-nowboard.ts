/** Nowboard's own runtime, socket server and HTTP door, without Next and without pull sources. */
import { once } from "node:events";
import { answerDirectly } from "@/lib/server/http/direct";
import { createHttpServer, LISTEN_BACKLOG } from "@/lib/server/http/server";
import { createLogger } from "@/lib/server/logger";
import { startRuntime } from "@/lib/server/runtime";
import { readSettings } from "@/lib/server/settings";
import { createSocketServer } from "@/lib/server/transports/socket";
import { channelNames, channelsOf, lastNumberIn, type Numbers } from "./load";
import { serve } from "./serve";

serve(async ({ port, folder, redisUrl, load }) => {
  const host = "127.0.0.1";
  const runtime = await startRuntime({
    // One producer sends what many do in use.
    settings: {
      ...readSettings({ NOWBOARD_DATA: folder, NOWBOARD_INGEST_PER_SECOND: "1000000" }),
      ...{ port, host, redisUrl },
    },
    logger: createLogger("warn"),
    channels: channelsOf(load),
    sources: [],
  });
  const io = createSocketServer();
  runtime.serveSocket(io);
  const server = createHttpServer({
    handle: (req, res) => answerDirectly(runtime.direct, req, res) || res.writeHead(404).end(),
    ...runtime.door,
    engine: io.engine,
    dev: false,
  });
  const stored: Numbers = {};
  for (const channel of channelNames(load)) stored[channel] = lastNumberIn(runtime.hub.state(channel));
  return {
    stored,
    publish: (batch) =>
      runtime.log.append({
        updates: batch.map(({ channel, due, change }) => ({ ch: channel, ts: due, ...change })),
      }),
    listen: async () => {
      server.listen({ port, host, backlog: LISTEN_BACKLOG });
      await once(server, "listening");
    },
  };
});
