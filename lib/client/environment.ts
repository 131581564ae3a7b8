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
  /** The rung that worked last, kept between visits. */
  memory: { read(): string | null; write(rung: Rung): void };
  transports: Readonly<Record<Rung, OpenTransport>>;
  userAgent: string;
}
