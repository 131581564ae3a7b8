import type { Code } from "@/lib/shared/codes";
import { type FrameReader, TRANSPORTS } from "./live-reader";
import type { LiveServer } from "./live-server";
import { Viewer } from "./live-viewer";

const RETRY_MS = 50;

export interface Followed {
  name: string;
  viewer: Viewer;
  /** What it was refused with on the way; each time it came again with its cursor. */
  refusals: Code[];
  /** Since when the log is out of reach, as it was last told (F4). */
  readonly delayedSince: number | undefined;
  /** Goes on at another server. */
  moveTo(server: LiveServer, transport?: string): void;
  /** Takes in what has arrived. Throws what a right server never causes. */
  check(): void;
  stop(): void;
}

/** A viewer that keeps reading on one transport, and asks again with its cursor whenever it is refused. */
export function startViewer(server: LiveServer, transport: string, channels: readonly string[]): Followed {
  const viewer = new Viewer(channels);
  const refusals: Code[] = [];
  let at = { server, transport };
  let reader: FrameReader | undefined;
  let taken = 0;
  let retryAt = 0;
  let delayedSince: number | undefined;
  let fault: unknown;

  function open(): void {
    taken = 0;
    reader = TRANSPORTS[at.transport]!(at.server, viewer.subscription);
  }

  function take(): void {
    while (reader && taken < reader.frames.length) {
      const frame = reader.frames[taken++]!;
      viewer.take(frame);
      if (frame.now !== undefined) delayedSince = frame.log?.delayedSince;
    }
    if (reader?.refusal) {
      refusals.push(reader.refusal.code);
      reader.close();
      reader = undefined;
      retryAt = Date.now() + RETRY_MS;
    }
    if (!reader && Date.now() >= retryAt) open();
  }

  const timer = setInterval(() => {
    try {
      if (fault === undefined) take();
    } catch (error) {
      fault = error;
    }
  }, 5);
  open();
  return {
    name: `${transport} at ${server.port}`,
    viewer,
    refusals,
    get delayedSince() {
      return delayedSince;
    },
    moveTo(next, transport = at.transport) {
      if (fault === undefined) take();
      reader?.close();
      at = { server: next, transport };
      open();
    },
    check() {
      if (fault !== undefined) throw fault;
      take();
    },
    stop() {
      clearInterval(timer);
      reader?.close();
    },
  };
}
