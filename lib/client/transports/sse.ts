import type { Subscribe } from "@/lib/shared/protocol";
import { isFrame } from "../frame-guard";
import { liveUrl, NOT_OURS, type OpenTransport } from "./transport";

type StreamEvent = { data: string };

/** The part of the browser's EventSource that is used. */
export interface EventStream {
  addEventListener(type: string, listener: (event: StreamEvent) => void): void;
  close(): void;
}

/** T2: server-sent events. `connect` opens an EventSource on a path of the server. */
export function sseTransport(connect: (url: string) => EventStream): OpenTransport {
  return (link) => {
    let stream: EventStream;
    const open = () => {
      const asked: Subscribe = link.subscription();
      const mine = connect(liveUrl("/api/live/events", asked));
      stream = mine;
      const take = ({ data }: StreamEvent) => {
        if (stream !== mine) return;
        const frame = parse(data);
        // A stream is bound to one set of channels, so its request carries no number to be echoed (T2).
        if (isFrame(frame)) return link.frame({ ...frame, sub: asked.sub });
        mine.close();
        link.failed(NOT_OURS);
      };
      mine.addEventListener("frame", take);
      mine.addEventListener("beat", take);
      // EventSource would reconnect by itself, without jitter and from its own last id: the ladder does that.
      mine.addEventListener("error", () => {
        if (stream !== mine) return;
        mine.close();
        link.failed({ reason: "closed", answered: false, message: "The event stream ended" });
      });
    };
    open();
    return {
      refresh() {
        stream.close();
        open();
      },
      close: () => stream.close(),
    };
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
