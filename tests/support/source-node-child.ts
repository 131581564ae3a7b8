/** The process of `startSourceNode`. It ends when its parent lets go of it, however that happens. */
import { infrastructure } from "@/lib/channels/infrastructure";
import { createLogger } from "@/lib/server/logger";
import { startRuntime } from "@/lib/server/runtime";
import { readSettings } from "@/lib/server/settings";
import { defineSource } from "@/lib/server/sources/define-source";
import { createSocketServer } from "@/lib/server/transports/socket";
import type { RecordState } from "@/lib/shared/state";

let works = false;
const values = Object.fromEntries(Object.keys(infrastructure.metrics).map((name) => [name, 1]));
const runtime = await startRuntime({
  settings: readSettings(process.env),
  logger: createLogger("silent"),
  archives: false,
  sources: [
    defineSource({
      channel: infrastructure,
      kind: "PostgreSQL",
      target: "machines at db.internal",
      timeout: 3000,
      read: async () => {
        if (!works) throw new Error("The database refused the connection");
        return values as Record<keyof typeof infrastructure.metrics, number>;
      },
    }),
  ],
});
// Without it the other nodes could not ask.
const io = createSocketServer();
runtime.serveSocket(io);
process.on("message", (does) => {
  works = does === true;
});
process.on("disconnect", async () => {
  await io.close();
  await runtime.close();
  process.exit(0);
});
const waiting = setInterval(() => {
  if ((runtime.hub.state(infrastructure.name) as RecordState).down === undefined) return;
  clearInterval(waiting);
  process.send!("ready");
}, 50);
