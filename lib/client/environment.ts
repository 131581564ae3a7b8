import type { Rung } from "./ladder-state";
import type { After, OpenTransport } from "./transports/transport";

/** What happens to a page; the browser's events of the same names, visibility told apart. */
export type PageEvent =
  | "online"
  | "offline"
  | "visible"
  | "hidden"
  | "freeze"
  | "resume"
  | "pagehide"
  | "pageshow";

export type MemoryName = "transport" | "choice";

/** Everything that the client needs from the outside. */
export interface ClientEnvironment {
  /** The wall clock, ms since 1970. */
  wall(): number;
  /** A clock that never steps back, ms. */
  mono(): number;
  /** In [0, 1). */
  random(): number;
  after: After;
  /** Before the next repaint. */
  nextFrame(run: () => void): () => void;
  on(event: PageEvent, listener: () => void): () => void;
  isOnline(): boolean;
  isVisible(): boolean;
  /** A wall screen, which never parks because nobody looks at it (C3). */
  isKiosk(): boolean;
  /** Kept between visits: the rung that worked last, and the viewer's own choice. `null` forgets. */
  memory: { read(name: MemoryName): string | null; write(name: MemoryName, value: string | null): void };
  transports: Readonly<Record<Rung, OpenTransport>>;
  fetch(url: string, init: RequestInit): Promise<Response>;
  userAgent: string;
  /** The path of the page that is shown, by which an operator knows the connection. */
  page(): string;
}
