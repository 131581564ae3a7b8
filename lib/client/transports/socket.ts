import type { io, ManagerOptions, Socket, SocketOptions } from "socket.io-client";
import type { Cursor } from "@/lib/shared/cursor";
import { isFrame, isObject } from "../frame-guard";
import { type Failure, FIRST_DELIVERY_MS, POLL_TIMEOUT_MS } from "../ladder-state";
import { MOVED, NOT_OURS, type OpenTransport } from "./transport";

/** Acknowledge each time this much was received (H3). Repeated from protocol.ts, which brings zod. */
export const ACK_BYTES = 64 * 1024;

/** T1: Socket.IO over WebSocket. `load` brings socket.io-client, which is no part of the first bundle. */
export function socketTransport(load: () => Promise<{ io: typeof io }>, url?: string): OpenTransport {
  return (link) => {
    let socket: Socket | undefined;
    let ended = false;
    // True while the subscription that was sent last is not the one that is wanted.
    let isStale = false;
    let subscribes = 0;
    // The cursor of the subscription in the handshake, until its answer has come.
    let asked: Cursor | undefined;
    let received = 0;
    let position: string | undefined;

    const close = () => {
      ended = true;
      socket?.disconnect();
    };
    const fail = (failure: Failure) => {
      if (ended) return;
      close();
      link.failed(failure);
    };

    /**
     * Tells the server what has arrived (H3), each 64 kB and with each beat. An ack each second would add
     * nothing that the server needs and costs it more than the frames do on quiet pages.
     */
    const acknowledge = () => {
      if (ended || received === 0 || position === undefined) return;
      received = 0;
      socket?.emit("ack", { cursor: position });
    };

    const take = (frame: unknown, answered = asked) => {
      if (ended) return;
      if (!isFrame(frame)) return fail(NOT_OURS);
      position = frame.to;
      const isBeat = frame.now !== undefined;
      // Several frames may have been counted before the first of them gets here; the last is acknowledged.
      if (isBeat || received >= ACK_BYTES) queueMicrotask(acknowledge);
      asked = undefined;
      link.frame(frame, answered);
    };

    const subscribe = () => {
      // Later frames may lie before earlier ones, so what came so far is acknowledged first.
      acknowledge();
      isStale = false;
      subscribes += 1;
      const mine = subscribes;
      const subscription = link.subscription();
      socket
        ?.timeout(POLL_TIMEOUT_MS)
        .emit("subscribe", subscription, (timeout: Error | null, reply: unknown) => {
          if (!timeout && isObject(reply) && reply.ok === true) take(reply.frame, subscription.cursor);
          // The server drops a subscription that is replaced, so only the last one is owed an answer.
          else if (mine !== subscribes) return;
          else if (timeout)
            fail({ reason: "timeout", answered: false, message: "There was no answer in time" });
          else fail(isObject(reply) ? refusal(reply.error) : NOT_OURS);
        });
    };

    load().then(
      ({ io }) => {
        if (ended) return;
        const options: Partial<ManagerOptions & SocketOptions> = {
          transports: ["websocket"],
          // The ladder reconnects, with its own back-off and from its own cursor.
          reconnection: false,
          forceNew: true,
          timeout: FIRST_DELIVERY_MS,
          // The first subscription travels in the handshake, which saves a round trip.
          auth: (send) => {
            isStale = false;
            const subscription = link.subscription();
            asked = subscription.cursor;
            send({ subscribe: subscription });
          },
        };
        socket = url === undefined ? io(options) : io(url, options);
        socket.io.engine.on("data", (data: string | ArrayBuffer) => {
          received += typeof data === "string" ? data.length : data.byteLength;
        });
        socket.on("connect", () => {
          if (isStale) subscribe();
        });
        socket.on("frame", (frame: unknown) => take(frame));
        socket.on("refused", (error: unknown) => fail(refusal(error)));
        socket.on("connect_error", (error: Error & { data?: unknown }) => fail(connectFailure(error)));
        socket.on("disconnect", (reason) =>
          fail(
            reason === "io server disconnect"
              ? MOVED
              : { reason: "closed", answered: false, message: "The connection was closed" },
          ),
        );
      },
      () => fail({ reason: "closed", answered: false, message: "The socket client could not be loaded" }),
    );

    return {
      refresh() {
        if (socket?.connected) subscribe();
        else isStale = true;
      },
      close,
    };
  };
}

/** A refusal by our server carries a code; anything else is a connection that did not come about. */
function connectFailure(error: Error & { data?: unknown }): Failure {
  if (isObject(error.data) && typeof error.data.code === "string")
    return refusal({ message: error.message, ...error.data });
  return { reason: "closed", answered: false, message: "The WebSocket could not be opened" };
}

function refusal(error: unknown): Failure {
  const { code, message, retryAfter } = isObject(error) ? error : {};
  return {
    reason: "refused",
    answered: true,
    code: typeof code === "string" ? code : undefined,
    message: String(message ?? "The server refused"),
    retryAfterMs: typeof retryAfter === "number" ? retryAfter * 1000 : undefined,
  };
}
