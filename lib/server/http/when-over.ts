import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

const waiting = new WeakMap<Duplex, Set<() => void>>();

/**
 * Calls back when a request is over, in whatever way: answered, aborted, or its connection gone. A response alone
 * would not do: one that waits behind another on its connection is told nothing when that connection ends.
 */
export function whenOver(socket: Duplex, done: () => void, res?: ServerResponse): void {
  if (socket.destroyed) {
    done();
    return;
  }
  const others = waiting.get(socket) ?? watch(socket);
  const over = () => {
    others.delete(over);
    done();
  };
  others.add(over);
  res?.on("close", over);
}

/** One listener for a connection, whatever the number of its requests. */
function watch(socket: Duplex): Set<() => void> {
  const all = new Set<() => void>();
  waiting.set(socket, all);
  socket.on("close", () => {
    for (const over of all) over();
  });
  return all;
}
