/**
 * The peer: Socket.IO as an application uses it by hand, a room per channel and an event per update; with the
 * Redis adapter where there are several servers.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";
import { serve } from "./serve";

serve(async ({ port, redisUrl }) => {
  const http = createServer();
  const io = new Server(http, { transports: ["websocket"] });
  if (redisUrl !== undefined) {
    const [publisher, subscriber] = [createClient({ url: redisUrl }), createClient({ url: redisUrl })];
    await Promise.all([publisher.connect(), subscriber.connect()]);
    io.adapter(createAdapter(publisher, subscriber));
  }
  io.on("connection", (socket) => {
    void socket.join(socket.handshake.auth.channels as string[]);
  });
  return {
    publish: async (batch) => {
      for (const { channel, due, whole } of batch)
        io.to(channel).emit("update", { channel, ts: due, ...whole });
    },
    listen: async () => {
      http.listen(port, "127.0.0.1");
      await once(http, "listening");
    },
  };
});
