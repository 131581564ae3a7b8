import { type Frame, MAX_UNACKED_BYTES } from "@/lib/shared/protocol";
import { encodeEvent, encodeRetry } from "@/lib/shared/sse";
import type { Connections } from "../cluster/connections";
import { currentVisit } from "../http/visit";
import type { Hub } from "../hub/hub";
import type { Attachment, Fanout, FrameKind, Group, Receiver } from "../hub/receiver";
import type { Delivered } from "./delivered";
import { type ChannelNames, subscribeFromQuery } from "./subscription";

/** The browser's own wait before it reconnects, ms; our client has its own back-off. */
const RETRY_MS = 2000;

const HEADERS = {
  "Content-Type": "text/event-stream; charset=utf-8",
  "Cache-Control": "private, no-store, no-transform",
  "X-Accel-Buffering": "no",
};

const encoder = new TextEncoder();

/** "an event with only an id never reaches JavaScript", so beats carry data too. */
function encode(frame: Frame, kind: FrameKind): Uint8Array {
  return encoder.encode(encodeEvent({ event: kind, id: frame.to, data: JSON.stringify(frame) }));
}

class StreamReceiver implements Receiver {
  private controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  /** `onEnd` is called however it ends, and maybe more than once. */
  constructor(
    private readonly delivered: Delivered,
    private readonly onEnd: () => void,
  ) {}

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.controller = controller;
  }

  /** Judged by the stream's own buffer, whose high-water mark is the limit (H3). */
  ready(): boolean {
    return (this.controller?.desiredSize ?? 0) > 0;
  }

  send(frame: Frame): void {
    const chunk = encode(frame, "frame");
    this.write(chunk);
    this.delivered.add(1, chunk.byteLength);
  }

  write(chunk: Uint8Array): void {
    this.controller?.enqueue(chunk);
  }

  bufferedBytes(): number {
    return this.controller ? Math.max(0, MAX_UNACKED_BYTES - (this.controller.desiredSize ?? 0)) : 0;
  }

  end(): void {
    this.controller = undefined;
    this.onEnd();
  }

  move(): void {
    this.write(encoder.encode(encodeEvent({ event: "moved", data: "{}" })));
    this.controller?.close();
    this.end();
  }

  fail(error: unknown): void {
    this.controller?.error(error);
    this.end();
  }
}

/** One encoded chunk for all streams of the cohort. */
class StreamGroup implements Group {
  private readonly members = new Set<StreamReceiver>();

  constructor(private readonly delivered: Delivered) {}

  join(receiver: StreamReceiver): void {
    this.members.add(receiver);
  }

  leave(receiver: StreamReceiver): void {
    this.members.delete(receiver);
  }

  send(frame: Frame, _bytes: number, kind: FrameKind): void {
    const chunk = encode(frame, kind);
    for (const member of this.members) member.write(chunk);
    this.delivered.add(this.members.size, chunk.byteLength);
  }
}

/** How streams offer themselves to the hub. */
export function streamFanout(delivered: Delivered) {
  const fanout: Fanout = { name: "sse", createGroup: () => new StreamGroup(delivered) };
  return { ...fanout, delivered };
}

interface StreamContext {
  hub: Hub;
  known: ChannelNames;
  viewer: string;
  fanout: ReturnType<typeof streamFanout>;
  connections: Connections;
}

/** T2: `GET /api/live/events?channels=a,b[&cursor=][&fresh=]`. `Last-Event-ID` wins over `cursor`. */
export function eventStream(context: StreamContext, request: Request): Response {
  const { hub, known, viewer, fanout, connections } = context;
  const query = new URL(request.url).searchParams;
  const lastEventId = request.headers.get("last-event-id") || query.get("cursor");
  const subscription = subscribeFromQuery(query, known, lastEventId);
  // Next answers HEAD with this too, and neither reads nor cancels the body: such a stream would never end.
  if (request.method === "HEAD") return new Response(null, { headers: HEADERS });
  const receiver = new StreamReceiver(fanout.delivered, () => remove());
  let attachment: Attachment | undefined;
  let remove = () => {};
  const address = currentVisit()?.address;
  const close = () => {
    receiver.end();
    attachment?.close();
  };
  const stream = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        receiver.start(controller);
        controller.enqueue(encoder.encode(encodeRetry(RETRY_MS)));
        remove = connections.add({
          transport: "sse",
          page: subscription.page,
          address,
          lagMs: () => attachment?.lagMs() ?? 0,
          bufferedBytes: () => receiver.bufferedBytes(),
          disconnect() {
            attachment?.close();
            receiver.move();
          },
        });
        attachment = hub.attach(fanout, receiver, viewer, subscription);
      },
      pull: () => attachment?.resume(),
      cancel: close,
    },
    new ByteLengthQueuingStrategy({ highWaterMark: MAX_UNACKED_BYTES }),
  );
  if (request.signal.aborted) close();
  else request.signal.addEventListener("abort", close);
  return new Response(stream, { headers: HEADERS });
}
