import { isFrame } from "@/lib/client/frame-guard";
import { NOTHING_READ, receive, resubscribe, subscription } from "@/lib/client/frame-reducer";
import { ACK_BYTES, type Frame } from "@/lib/shared/protocol";
import { sourceTime } from "@/lib/shared/state";
import { lastNumberIn } from "./load";

export type PeerName = "nowboard" | "socket.io";

/** Is told what a viewer sees. */
export interface Observer {
  update(channel: string, number: number, due: number): void;
  /** A snapshot has moved the viewer on to this number. */
  skipTo(channel: string, number: number): void;
}

/** One viewer's side of a peer's protocol, above Socket.IO's packets. */
export interface Reader {
  /** Goes with the handshake of each connection. */
  auth(): object;
  /** Is a connection good once Socket.IO accepts it, or with the first event? */
  readonly readyOn: "connect" | "event";
  /**
   * Takes an event packet (`42…`) and gives a packet to send, or `"broken"` when the viewer must connect
   * again to get what it lacks.
   */
  take(packet: Buffer): string | undefined;
}

export interface ReaderOptions {
  channels: readonly string[];
  /** Without it packets are counted and acknowledged, but not read. */
  observer?: Observer;
}

export function createReader(peer: PeerName, options: ReaderOptions): Reader {
  return peer === "nowboard" ? nowboardReader(options) : socketIoReader(options);
}

/** Subscribes, reads (F1–F3) and acknowledges (H3) as the product's client does, with its own reducer. */
function nowboardReader({ channels, observer }: ReaderOptions): Reader {
  let reading = resubscribe(NOTHING_READ, channels);
  let received = 0;

  /** False when the frame cannot be applied. */
  function read(frame: Frame, seen: Observer): boolean {
    const result = receive(reading, frame);
    if (result.outcome !== "applied") return result.outcome === "duplicate";
    reading = result.reading;
    for (const [channel, state] of Object.entries(result.snapshot)) seen.skipTo(channel, lastNumberIn(state));
    for (const update of result.updates)
      seen.update(update.ch, Number(update.set?.number ?? update.items?.[0]?.number), sourceTime(update));
    return true;
  }

  return {
    readyOn: "event",
    auth: () => {
      received = 0;
      return { subscribe: subscription(reading) };
    },
    take: (packet) => {
      received += packet.length;
      const place = observer ? readWhole(packet, (frame) => read(frame, observer)) : skim(packet);
      if (!place) return "broken";
      if (!place.isBeat && received < ACK_BYTES) return undefined;
      received = 0;
      return `42["ack",{"cursor":"${place.to}"}]`;
    },
  };
}

interface Place {
  to: string;
  isBeat: boolean;
}

function readWhole(packet: Buffer, read: (frame: Frame) => boolean): Place | undefined {
  const [event, frame] = JSON.parse(packet.toString("utf8", 2)) as [string, unknown];
  if (event !== "frame" || !isFrame(frame) || !read(frame)) return undefined;
  return { to: frame.to, isBeat: frame.now !== undefined };
}

/** Finds what an acknowledgement needs: `to` stands at a frame's beginning, `now` at its end. */
function skim(packet: Buffer): Place | undefined {
  const to = /"to":"([^"]+)"/.exec(packet.toString("latin1", 0, 160))?.[1];
  if (to === undefined) return undefined;
  return { to, isBeat: packet.toString("latin1", Math.max(0, packet.length - 80)).includes('"now":') };
}

function socketIoReader({ channels, observer }: ReaderOptions): Reader {
  return {
    readyOn: "connect",
    auth: () => ({ channels }),
    take: (packet) => {
      if (!observer) return undefined;
      const [, { channel, ts, values, item }] = JSON.parse(packet.toString("utf8", 2)) as [
        string,
        PlainUpdate,
      ];
      observer.update(channel, (values ?? item)!.number, ts);
      return undefined;
    },
  };
}

interface PlainUpdate {
  channel: string;
  ts: number;
  values?: { number: number };
  item?: { number: number };
}
