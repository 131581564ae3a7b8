import WebSocket from "ws";
import { BACKOFF_MAX_MS, BACKOFF_MIN_MS, FIRST_DELIVERY_MS } from "@/lib/client/ladder-state";
import { wallNow } from "./clock";
import type { Reader } from "./readers";

/** The character `4`. */
const MESSAGE = 0x34;

interface ViewerOptions {
  port: number;
  reader: Reader;
  /** Connect again after a loss, with the product's back-off. */
  reconnects: boolean;
  /** The connection delivers: for the first time, or again. */
  onReady: () => void;
}

/** One connection over raw WebSocket with Engine.IO's and Socket.IO's packets: many fit in a process. */
export class Viewer {
  bytes = 0;
  packets = 0;
  /** When the present connection became good (ms); infinite while there is none. */
  readyAt = Number.POSITIVE_INFINITY;
  /** How often the reader had to connect again because of what it received. */
  broken = 0;
  private socket: WebSocket | undefined;
  private deadline: NodeJS.Timeout | undefined;
  private lostAt: number | undefined;
  private ended = false;

  constructor(private readonly options: ViewerOptions) {}

  open(): void {
    const url = `ws://127.0.0.1:${this.options.port}/socket.io/?EIO=4&transport=websocket`;
    const socket = new WebSocket(url, { perMessageDeflate: false, skipUTF8Validation: true });
    this.socket = socket;
    this.deadline = setTimeout(() => socket.terminate(), FIRST_DELIVERY_MS);
    socket.on("message", (data: Buffer) => this.take(socket, data));
    // A close follows each error.
    socket.on("error", () => {});
    socket.on("close", () => this.lost());
  }

  /** Stops reading from the socket, or goes on. */
  pause(isPaused: boolean): void {
    if (isPaused) this.socket?.pause();
    else this.socket?.resume();
  }

  close(): void {
    this.ended = true;
    clearTimeout(this.deadline);
    this.socket?.terminate();
  }

  private take(socket: WebSocket, data: Buffer): void {
    this.bytes += data.length;
    this.packets += 1;
    const { reader } = this.options;
    // Engine.IO: 0 open, 2 ping, 3 pong, 4 message; in a message Socket.IO: 0 connect, 2 event.
    const type = data.toString("latin1", 0, data[0] === MESSAGE ? 2 : 1);
    if (type === "0") socket.send(`40${JSON.stringify(reader.auth())}`);
    else if (type === "2") socket.send("3");
    else if (type === "40") this.ready("connect");
    else if (type === "42") this.takeEvent(socket, reader.take(data));
    else socket.terminate();
  }

  private takeEvent(socket: WebSocket, answer: string | undefined): void {
    if (answer === "broken") {
      this.broken += 1;
      socket.terminate();
      return;
    }
    if (answer !== undefined) socket.send(answer);
    this.ready("event");
  }

  private ready(by: Reader["readyOn"]): void {
    if (by !== this.options.reader.readyOn || this.readyAt !== Number.POSITIVE_INFINITY) return;
    this.readyAt = wallNow();
    this.lostAt = undefined;
    clearTimeout(this.deadline);
    this.options.onReady();
  }

  /** The client's back-off (C2): the ceiling is the time since the first loss, a tenth of it the floor. */
  private lost(): void {
    clearTimeout(this.deadline);
    this.readyAt = Number.POSITIVE_INFINITY;
    if (this.ended || !this.options.reconnects) return;
    const now = wallNow();
    this.lostAt ??= now;
    const ceiling = Math.min(BACKOFF_MAX_MS, Math.max(BACKOFF_MIN_MS, now - this.lostAt));
    setTimeout(() => !this.ended && this.open(), ceiling * (0.1 + 0.9 * Math.random()));
  }
}
