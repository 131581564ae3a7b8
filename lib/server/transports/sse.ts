import { type Frame, MAX_UNACKED_BYTES } from "@/lib/shared/protocol";
import { encodeEvent, encodeRetry } from "@/lib/shared/sse";
import type { Connections } from "../cluster/connections";
import type { Hub } from "../hub/hub";
import type { Attachment, Fanout, FrameKind, Group, Receiver } from "../hub/receiver";
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
  sentBytes = 0;

  /** `onEnd` is called once, however it ends. */
  constructor(private readonly onEnd: () => void) {}

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.controller = controller;
  }

  /** Judged by the stream's own buffer, whose high-water mark is the limit (H3). */
  ready(): boolean {
    return (this.controller?.desiredSize ?? 0) > 0;
  }

  send(frame: Frame): void {
    this.write(encode(frame, "frame"));
  }

  write(chunk: Uint8Array): void {
    this.controller?.enqueue(chunk);
    this.sentBytes += chunk.byteLength;
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

  join(receiver: StreamReceiver): void {
    this.members.add(receiver);
  }

  leave(receiver: StreamReceiver): void {
    this.members.delete(receiver);
  }

  send(frame: Frame, _bytes: number, kind: FrameKind): void {
    const chunk = encode(frame, kind);
    for (const member of this.members) member.write(chunk);
  }
}

const fanout: Fanout = { name: "sse", createGroup: () => new StreamGroup() };

interface StreamContext {
  hub: Hub;
  known: ChannelNames;
  viewer: string;
  connections: Connections;
}

/** T2: `GET /api/live/events?channels=a,b[&cursor=][&fresh=]`. `Last-Event-ID` wins over `cursor`. */
export function eventStream({ hub, known, viewer, connections }: StreamContext, request: Request): Response {
  const query = new URL(request.url).searchParams;
  const lastEventId = request.headers.get("last-event-id") || query.get("cursor");
  const subscription = subscribeFromQuery(query, known, lastEventId);
  // Next answers HEAD with this too, and neither reads nor cancels the body: such a stream would never end.
  if (request.method === "HEAD") return new Response(null, { headers: HEADERS });
  const receiver = new StreamReceiver(() => remove());
  let attachment: Attachment | undefined;
  let remove = () => {};
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
          lagMs: () => attachment?.lagMs() ?? 0,
          bufferedBytes: () => receiver.bufferedBytes(),
          sentBytes: () => receiver.sentBytes,
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
