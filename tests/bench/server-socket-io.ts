/** The peer: Socket.IO as an application uses it by hand, a room per channel and an event per update. */
import { once } from "node:events";
import { createServer } from "node:http";
import { Server } from "socket.io";
import { serve } from "./serve";

serve(async ({ port }) => {
  const http = createServer();
  const io = new Server(http, { transports: ["websocket"] });
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
