import { createParser } from "eventsource-parser";
import type { EventStream } from "@/lib/client/transports/sse";

type Listener = (event: { data: string }) => void;

const RECONNECT_MS = 30;

/**
 * As much of the browser's EventSource as the client uses, for Node. Like a browser's it reconnects by itself
 * until it is closed, and says nothing once it is.
 */
export class NodeEventSource implements EventStream {
  private readonly listeners = new Map<string, Listener>();
  private readonly controller = new AbortController();

  constructor(url: string) {
    void this.read(url);
  }

  addEventListener(type: string, listener: Listener): void {
    this.listeners.set(type, listener);
  }

  close(): void {
    this.controller.abort();
  }

  private async read(url: string): Promise<void> {
    const { signal } = this.controller;
    const tell = (type: string, data: string) => {
      if (!signal.aborted) this.listeners.get(type)?.({ data });
    };
    while (!signal.aborted) {
      try {
        const response = await fetch(url, { signal });
        const parser = createParser({ onEvent: ({ event = "message", data }) => tell(event, data) });
        const decoder = new TextDecoder();
        for await (const chunk of response.body!) parser.feed(decoder.decode(chunk, { stream: true }));
      } catch {
        // The network failed, or it was closed.
      }
      tell("error", "");
      await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
    }
  }
}
