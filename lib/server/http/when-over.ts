import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

const waiting = new WeakMap<Duplex, Set<() => void>>();

/**
 * Calls back when a request is over, in whatever way: answered, aborted, or its connection gone. With a response,
 * that is told by its `close`, also where Node does not: a response that waits behind another on its connection
 * hears nothing of the connection's end, and whoever writes it, an event stream, would go on for good.
 */
export function whenOver(socket: Duplex, done: () => void, res?: ServerResponse): void {
  const others = waiting.get(socket) ?? watch(socket);
  const ended = () => {
    if (!res) done();
    // One that has its turn is told by Node.
    else if (!res.socket && !res.writableFinished) res.emit("close");
  };
  others.add(ended);
  res?.once("close", () => {
    others.delete(ended);
    done();
  });
  if (socket.destroyed) ended();
}

/** One listener for a connection, whatever the number of its requests. */
function watch(socket: Duplex): Set<() => void> {
  const all = new Set<() => void>();
  waiting.set(socket, all);
  socket.on("close", () => {
    for (const ended of [...all]) ended();
  });
  return all;
}
