import { Server as Engine } from "engine.io";
import { Server, type Socket } from "socket.io";
import { type Code, toProblem } from "@/lib/shared/codes";
import { compareIds, parseCursor, type UpdateId } from "@/lib/shared/cursor";
import { ACK_BYTES, ackSchema, type Frame, MAX_UNACKED_BYTES } from "@/lib/shared/protocol";
import type { Connections, OpenConnection } from "../cluster/connections";
import { currentVisit } from "../http/visit";
import type { Hub } from "../hub/hub";
import type { Attachment, Fanout, Group, Receiver } from "../hub/receiver";
import type { Delivered } from "./delivered";
import { type EventIngest, MAX_MESSAGE_BYTES } from "./ingest-event";
import { type ChannelNames, parseSubscribe } from "./subscription";
import { bufferedBytes, type Connection, terminate, wireEvent, writeEvent } from "./wire-event";

/** A connection that does not say within this what it is for is ended, ms. */
const CONNECT_MS = 10_000;

/** A client that does not answer the end of its connection is given this long, ms. */
const LINGER_MS = 2000;

/** A mark is kept each time this much has been sent: enough to count what an `ack` covers. */
const MARK_BYTES = 16 * 1024;

/**
 * Counts what is on its way to one client (H3). The socket's own buffer says nothing: the kernel hides
 * megabytes behind it.
 */
class UnackedBytes {
  private sent = 0;
  private acked = 0;
  private marks: { to: UpdateId; sent: number }[] = [];

  get unacked(): number {
    return this.sent - this.acked;
  }

  add(bytes: number, to: string): void {
    this.sent += bytes;
    if (this.sent - (this.marks.at(-1)?.sent ?? this.acked) >= MARK_BYTES) {
      this.marks.push({ to: parseCursor(to)!.id, sent: this.sent });
    }
  }

  /**
   * The client has everything up to `id`, and what was sent before it. A subscription may begin before the end
   * of the one that it replaced, so the places do not only grow.
   */
  ack(id: UpdateId): void {
    const last = this.marks.findLastIndex(({ to }) => compareIds(to, id) <= 0);
    if (last < 0) return;
    this.acked = this.marks[last]!.sent;
    this.marks.splice(0, last + 1);
  }
}

class SocketReceiver implements Receiver {
  readonly flow = new UnackedBytes();
  /** The first frame answers the `subscribe` that asked for it; later ones are events. */
  private answer: ((reply: object) => void) | undefined;

  constructor(
    readonly socket: Socket,
    private readonly delivered: Delivered,
    answer?: (reply: object) => void,
    inherited?: UnackedBytes,
  ) {
    this.answer = answer;
    if (inherited) this.flow = inherited;
  }

  /** The buffer is looked at too, as a client may acknowledge what it does not read. */
  ready(): boolean {
    return this.flow.unacked < MAX_UNACKED_BYTES && bufferedBytes(this.socket) < MAX_UNACKED_BYTES;
  }

  send(frame: Frame, bytes: number): void {
    this.flow.add(bytes, frame.to);
    if (this.answer) {
      this.answer({ ok: true, frame });
      this.delivered.add(1, bytes);
    } else {
      const event = wireEvent(frame);
      this.write(frame, event);
      this.delivered.add(1, event.length);
    }
    this.answer = undefined;
  }

  /** What is under way although the client could long have acknowledged it. */
  bufferedBytes(): number {
    const { unacked } = this.flow;
    // Up to there a client that keeps up says nothing either.
    return Math.max(bufferedBytes(this.socket), unacked > 2 * ACK_BYTES ? unacked : 0);
  }

  /** `event` is the frame as it goes over the wire. */
  write(frame: Frame, event: Buffer): void {
    if (!writeEvent(this.socket, event)) this.socket.emit("frame", frame);
  }

  move(): void {
    this.socket.disconnect(true);
  }

  fail(error: unknown): void {
    const { code, detail, title } = toProblem(error);
    const reply = { ok: false, error: { code, message: detail ?? title } };
    if (this.answer) this.answer(reply);
    else this.socket.emit("refused", reply.error);
    this.answer = undefined;
    this.socket.disconnect(true);
  }
}

/** The sockets of one cohort: an event is encoded once, whatever their number. */
class SocketGroup implements Group {
  private readonly members = new Set<SocketReceiver>();

  constructor(private readonly delivered: Delivered) {}

  join(receiver: SocketReceiver): void {
    this.members.add(receiver);
  }

  leave(receiver: SocketReceiver): void {
    this.members.delete(receiver);
  }

  send(frame: Frame, bytes: number): void {
    if (this.members.size === 0) return;
    const event = wireEvent(frame);
    for (const member of this.members) {
      member.write(frame, event);
      member.flow.add(bytes, frame.to);
    }
    this.delivered.add(this.members.size, event.length);
  }
}

/** Clients' addresses: only while a connection is made is it known which request it came with. */
const addresses = new WeakMap<Connection, string | undefined>();

/**
 * A Socket.IO server that listens to nothing by itself: the HTTP server hands over the upgrades that it has
 * checked. WebSocket alone, so that no node needs sticky sessions.
 */
export function createSocketServer(connectTimeout = CONNECT_MS): Server {
  const io = new Server({ connectTimeout });
  const engine = new Engine({
    transports: ["websocket"],
    maxHttpBufferSize: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  });
  // RFC 6455, 7.1.1: a server may close the TCP connection when the client does not. By itself ws waits for 30 s.
  engine.on("connection", (connection: Connection) => {
    connection.on("close", () => setTimeout(() => terminate(connection), LINGER_MS).unref());
    addresses.set(connection, currentVisit()?.address);
  });
  io.bind(engine);
  return io;
}

export interface SocketOptions {
  hub: Hub;
  known: ChannelNames;
  viewerOf: (socket: Socket) => string;
  delivered: Delivered;
  /** Is told of each subscription that is refused. */
  refused: (code: Code) => void;
  connections: Connections;
  /** Takes what producers send; a socket that only does that is no viewer. */
  ingest: EventIngest;
}

/** T1: Socket.IO, for viewers and for producers. */
export function serveSocket(io: Server, options: SocketOptions): void {
  const { hub, known, viewerOf, delivered, refused, connections, ingest } = options;
  const fanout: Fanout = { name: "socket", createGroup: () => new SocketGroup(delivered) };
  io.on("connection", (socket) => {
    let attachment: Attachment | undefined;
    let receiver: SocketReceiver | undefined;
    const shown: OpenConnection = {
      transport: "socket",
      address: addresses.get(socket.conn),
      lagMs: () => attachment?.lagMs() ?? 0,
      bufferedBytes: () => receiver?.bufferedBytes() ?? 0,
      disconnect: () => socket.disconnect(true),
    };
    const remove = connections.add(shown);
    const take = ingest({ key: socket.handshake.auth.key, address: shown.address ?? "" });

    const subscribe = (input: unknown, answer?: (reply: object) => void) => {
      // What is still on its way counts on, so that subscribing again is no way around the limit.
      const next = new SocketReceiver(socket, delivered, answer, receiver?.flow);
      try {
        const request = parseSubscribe(input, known);
        attachment?.close();
        receiver = next;
        shown.page = request.page;
        attachment = hub.attach(fanout, next, viewerOf(socket), request);
      } catch (error) {
        const { code, detail, title } = toProblem(error);
        const refusal = { code, message: detail ?? title };
        refused(code);
        if (answer) answer({ ok: false, error: refusal });
        else socket.emit("refused", refusal);
      }
    };

    socket.on("subscribe", (input, answer) =>
      subscribe(input, typeof answer === "function" ? answer : undefined),
    );
    socket.on("ingest", async (input, answer) => {
      const reply = await take(input);
      if (typeof answer === "function") answer(reply);
    });
    socket.on("ack", (input) => {
      const parsed = ackSchema.safeParse(input);
      if (!parsed.success || !receiver) return;
      receiver.flow.ack(parseCursor(parsed.data.cursor)!.id);
      if (receiver.ready()) attachment?.resume();
    });
    socket.on("disconnect", () => {
      attachment?.close();
      remove();
    });

    const first: unknown = socket.handshake.auth.subscribe;
    if (first !== undefined) subscribe(first);
  });
}
