import { once } from "node:events";
import type { Socket } from "node:net";
import { WebSocket } from "ws";
import type { Frame, Subscribe } from "@/lib/shared/protocol";
import type { LiveServer } from "./live-server";

/**
 * A Socket.IO client without the library, so that it can do what no library does: not read, not acknowledge,
 * or send nonsense.
 */
export class RawSocket {
  readonly frames: Frame[] = [];
  /** Everything that arrived, as text. */
  readonly received: string[] = [];
  bytes = 0;
  private constructor(
    readonly ws: WebSocket,
    private readonly server: LiveServer,
  ) {
    ws.on("message", (data: Buffer) => {
      const text = data.toString();
      this.bytes += data.length;
      this.received.push(text);
      if (text === "2") ws.send("3");
      if (text.startsWith('42["frame",')) this.frames.push(JSON.parse(text.slice(2))[1]);
    });
  }

  /** Connects and sends the Engine.IO handshake's answer: `40` with the subscription, when there is one. */
  static async open(server: LiveServer, subscribe?: Subscribe): Promise<RawSocket> {
    const ws = new WebSocket(`ws://127.0.0.1:${server.port}/socket.io/?EIO=4&transport=websocket`);
    const raw = new RawSocket(ws, server);
    await once(ws, "message");
    raw.send(`40${subscribe === undefined ? "" : JSON.stringify({ subscribe })}`);
    return raw;
  }

  send(text: string): void {
    this.ws.send(text);
  }

  emit(event: string, ...args: unknown[]): void {
    this.send(`42${JSON.stringify([event, ...args])}`);
  }

  ack(cursor = this.frames.at(-1)!.to): void {
    this.emit("ack", { cursor });
  }

  /** The server's end of this connection. */
  get serverEnd(): Socket {
    const { localPort } = (this.ws as unknown as { _socket: Socket })._socket;
    return [...this.server.connections].find(({ remotePort }) => remotePort === localPort)!;
  }

  close(): void {
    this.ws.terminate();
  }
}
