import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * How long the parts of a request may take, ms. Node's own limit is to a whole request, five minutes, and would
 * cut a long upload; so it is off, and each part has its own.
 */
export const TIME_LIMITS = {
  /** From the connection's start, or a head's first byte, to the head's end. */
  headersMs: 60_000,
  /** How often that is looked at. */
  checkMs: 5000,
  /** A body must have arrived within this. */
  bodyMs: 10_000,
  /** The rest of one whose request has been answered may go on for this, so that the answer is read. */
  lingerMs: 5000,
};

/** Ingest limits the time of its bodies itself: a long upload may take hours, but not pause. */
const LIMITS_ITSELF = /^\/api\/ingest\/[^/?]+(\?|$)/;

/**
 * Ends the connection of a body that comes too slowly. Most routes read none: Node then discards it for as long
 * as it comes, and a byte a second would hold the connection for good.
 */
export function limitBodyTime(
  req: IncomingMessage,
  res: ServerResponse,
  { bodyMs, lingerMs }: typeof TIME_LIMITS,
): void {
  // A body that is given up takes the socket from its request.
  const { socket, headers } = req;
  if (headers["transfer-encoding"] === undefined && !Number(headers["content-length"])) return;
  const endLater = (ms: number) =>
    setTimeout(() => {
      if (!req.complete) socket.destroy();
    }, ms).unref();
  const timer = LIMITS_ITSELF.test(req.url ?? "") ? undefined : endLater(bodyMs);
  res.on("close", () => {
    clearTimeout(timer);
    // RFC 9112, 9.6: a connection that is closed at once may take the answer with it.
    if (!req.complete) endLater(lingerMs);
  });
}
