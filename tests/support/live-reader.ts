import { createParser } from "eventsource-parser";
import { io } from "socket.io-client";
import type { Code } from "@/lib/shared/codes";
import { ACK_BYTES, type Frame, type Subscribe } from "@/lib/shared/protocol";
import type { LiveServer } from "./live-server";

const PATIENCE_MS = 5000;

/** A connection that reads frames, whatever the transport. */
export class FrameReader {
  /** All frames so far. */
  readonly frames: Frame[] = [];
  /** What the server refused with, once it did. */
  refusal: { code: Code; message: string } | undefined;
  /** Ends the connection. */
  close: () => void = () => {};
  private taken = 0;
  private wake: () => void = () => {};

  push(frame: Frame): void {
    this.frames.push(frame);
    this.wake();
  }

  refuse(refusal: { code: Code; message: string }): void {
    this.refusal = refusal;
    this.wake();
  }

  /** The next frame that was not given out yet. Rejects when it is refused or does not come. */
  async next(): Promise<Frame> {
    return this.until(() => true);
  }

  /** The next frame that is as wanted; those before it are skipped. */
  async until(wanted: (frame: Frame) => boolean): Promise<Frame> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      while (this.taken < this.frames.length) {
        const frame = this.frames[this.taken++]!;
        if (wanted(frame)) return frame;
      }
      if (this.refusal) throw new Error(`refused: ${this.refusal.code}`);
      await this.news(deadline);
    }
  }

  async refused(): Promise<{ code: Code; message: string }> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!this.refusal) await this.news(deadline);
    return this.refusal;
  }

  private news(deadline: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = () => reject(new Error(`no frame came; there are ${JSON.stringify(this.frames)}`));
      const timer = setTimeout(late, deadline - Date.now());
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Opens a reader and keeps it reading on from the frames it gets until it is closed. */
export type OpenReader = (server: LiveServer, subscribe: Subscribe) => FrameReader;

/** T1, with the subscription in the handshake or in an event, and acknowledged as a browser does. */
function openSocket(inHandshake: boolean): OpenReader {
  return (server, subscribe) => {
    const reader = new FrameReader();
    const socket = io(server.url, {
      transports: ["websocket"],
      reconnection: false,
      forceNew: true,
      ...(inHandshake && { auth: { subscribe } }),
    });
    let received = 0;
    const take = (frame: Frame) => {
      if (received >= ACK_BYTES) {
        received = 0;
        socket.emit("ack", { cursor: frame.to });
      }
      reader.push(frame);
    };
    socket.io.engine.on("data", (data: string) => {
      received += data.length;
    });
    socket.on("frame", take);
    socket.on("refused", (refusal) => reader.refuse(refusal));
    socket.on("connect_error", (error) => reader.refuse({ code: "internal", message: error.message }));
    if (!inHandshake) {
      socket.on("connect", () =>
        socket.emit("subscribe", subscribe, (reply: { ok: boolean; frame: Frame; error: never }) => {
          if (reply.ok) take(reply.frame);
          else reader.refuse(reply.error);
        }),
      );
    }
    reader.close = () => void socket.disconnect();
    return reader;
  };
}

function query({ channels, cursor, fresh, sub, sparse }: Subscribe): string {
  return [
    `channels=${channels.join(",")}`,
    ...(cursor === undefined ? [] : [`cursor=${cursor}`]),
    ...(fresh?.length ? [`fresh=${fresh.join(",")}`] : []),
    ...(sub === undefined ? [] : [`sub=${sub}`]),
    ...(sparse ? ["sparse=1"] : []),
  ].join("&");
}

/** T2. Beats are frames too. */
const openEvents: OpenReader = (server, subscribe) => {
  const reader = new FrameReader();
  const controller = new AbortController();
  reader.close = () => controller.abort();
  const parser = createParser({
    onEvent({ event, id, data }) {
      const frame = JSON.parse(data) as Frame;
      if (id !== frame.to) throw new Error(`the event's id is ${id}, its frame ends at ${frame.to}`);
      if (event !== "frame" && event !== "beat") throw new Error(`there is no event ${event}`);
      reader.push(frame);
    },
  });
  const read = async () => {
    const response = await server.get(`/api/live/events?${query(subscribe)}`, { signal: controller.signal });
    if (!response.ok) return reader.refuse(await response.json());
    const decoder = new TextDecoder();
    for await (const chunk of response.body!) parser.feed(decoder.decode(chunk, { stream: true }));
  };
  read().catch((error) => {
    if (!controller.signal.aborted) reader.refuse({ code: "internal", message: String(error) });
  });
  return reader;
};

/** T3, held by the server or asked again and again. */
function openPoll(held: boolean): OpenReader {
  return (server, subscribe) => {
    const reader = new FrameReader();
    let isClosed = false;
    // One for each request: those of a signal that many requests share stay on it for as long as it lives.
    let current = new AbortController();
    reader.close = () => {
      isClosed = true;
      current.abort();
    };
    const read = async () => {
      let asked = subscribe;
      while (!isClosed) {
        current = new AbortController();
        const response = await server.get(`/api/live/poll?${query(asked)}${held ? "&wait=20" : ""}`, {
          signal: current.signal,
        });
        if (response.status === 200) {
          const frame: Frame = await response.json();
          if (response.headers.get("etag") !== `"${frame.to}"`) throw new Error("the ETag is not the cursor");
          reader.push(frame);
          const fresh = asked.fresh?.filter((channel) => !frame.snapshot?.[channel]);
          asked = { ...asked, cursor: frame.to, fresh };
        } else if (response.status !== 304) return reader.refuse(await response.json());
        if (!held) await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    read().catch((error) => {
      if (!isClosed) reader.refuse({ code: "internal", message: String(error) });
    });
    return reader;
  };
}

/** The four transports, by name; the socket can be asked in two ways. */
export const TRANSPORTS: Record<string, OpenReader> = {
  socket: openSocket(true),
  "socket, asked by an event": openSocket(false),
  sse: openEvents,
  "long-poll": openPoll(true),
  poll: openPoll(false),
};
