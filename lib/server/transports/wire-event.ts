import type { Socket } from "socket.io";
import type { Frame } from "@/lib/shared/protocol";

/** What is used of a connection's WebSocket below Socket.IO. */
interface RawSocket {
  readyState: number;
  terminate?(): void;
  _socket?: { write(chunk: Buffer): boolean; writable: boolean; writableLength: number };
}

export type Connection = Socket["conn"];

function rawSocket(socket: Socket): RawSocket | undefined {
  return rawOf(socket.conn);
}

function rawOf(connection: Connection): RawSocket | undefined {
  return (connection as unknown as { transport: { socket?: RawSocket } }).transport.socket;
}

/** Ends what is left of a connection at once. */
export function terminate(connection: Connection): void {
  rawOf(connection)?.terminate?.();
}

const OPEN = 1;
/** RFC 6455, 5.2: FIN set, "%x1 denotes a text frame". */
const FINAL_TEXT = 0x81;

/** Viewers who catch up together are given the same frame objects, each encoded once. */
const events = new WeakMap<Frame, Buffer>();

/**
 * The `frame` event as the bytes of one WebSocket frame: Engine.IO's message type 4, Socket.IO's event type 2,
 * and the event. Made once for all sockets of a cohort. Writing them costs half of what an emit through the
 * libraries' queues does, and the cost per viewer is what a deployment's size is made of.
 */
export function wireEvent(frame: Frame): Buffer {
  const known = events.get(frame);
  if (known) return known;
  const payload = Buffer.from(`42["frame",${JSON.stringify(frame)}]`);
  const event = Buffer.concat([frameHeader(payload.length), payload]);
  events.set(frame, event);
  return event;
}

/**
 * RFC 6455, 5.2: the payload length is "if 0-125, that is the payload length. If 126, the following 2 bytes
 * … If 127, the following 8 bytes". A server's frames are not masked (5.1).
 */
function frameHeader(length: number): Buffer {
  if (length < 126) return Buffer.from([FINAL_TEXT, length]);
  if (length < 65_536) return Buffer.from([FINAL_TEXT, 126, length >> 8, length & 0xff]);
  const header = Buffer.alloc(10);
  header.set([FINAL_TEXT, 127]);
  header.writeBigUInt64BE(BigInt(length), 2);
  return header;
}

/**
 * Writes the event to one socket. False when this connection cannot take it this way; it must then be emitted.
 * That is so while Engine.IO holds packets back, as this one must not overtake them; what it has written has
 * its place in the same stream already.
 */
export function writeEvent(socket: Socket, event: Buffer): boolean {
  const { writeBuffer } = socket.conn as unknown as { writeBuffer: unknown[] };
  const raw = rawSocket(socket);
  if (raw?.readyState !== OPEN || !raw._socket?.writable || writeBuffer.length > 0) return false;
  raw._socket.write(event);
  return true;
}

/** What this process holds for one socket that the kernel has not taken, bytes. */
export function bufferedBytes(socket: Socket): number {
  return rawSocket(socket)?._socket?.writableLength ?? 0;
}
