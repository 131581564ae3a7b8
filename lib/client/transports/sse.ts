import type { Subscribe } from "@/lib/shared/protocol";
import { isFrame } from "../frame-guard";
import type { Failure } from "../ladder-state";
import { liveUrl, MOVED, NOT_OURS, type OpenTransport } from "./transport";

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
    const fail = (failure: Failure) => {
      stream.close();
      link.failed(failure);
    };
    // A stream that was closed says nothing more: "if the readyState attribute is set to a value other than
    // CLOSED, dispatches the newly created event".
    const open = () => {
      const asked: Subscribe = link.subscription();
      let isAnswer = true;
      stream = connect(liveUrl("/api/live/events", asked));
      const take = ({ data }: StreamEvent) => {
        const frame = parse(data);
        // A stream is bound to one set of channels, so its request carries no number to be echoed (T2).
        if (!isFrame(frame)) return fail(NOT_OURS);
        const answered = isAnswer ? asked.cursor : undefined;
        isAnswer = false;
        link.frame({ ...frame, sub: asked.sub }, answered);
      };
      stream.addEventListener("frame", take);
      stream.addEventListener("beat", take);
      stream.addEventListener("moved", () => fail(MOVED));
      // EventSource would reconnect by itself, without jitter and from its own last id: the ladder does that.
      stream.addEventListener("error", () =>
        fail({ reason: "closed", answered: false, message: "The event stream ended" }),
      );
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
