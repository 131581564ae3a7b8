import type { Frame } from "@/lib/shared/protocol";

/** `beat` marks an empty frame sent only to say that all is well (F4). */
export type FrameKind = "frame" | "beat";

/** One viewer's connection, as the hub sees it. Nothing here may block or throw. */
export interface Receiver {
  /** Is there room for another frame, or has this viewer stopped keeping up (H3)? */
  ready(): boolean;
  /** A frame for this viewer alone: the first one, catch-up, a snapshot. `bytes` is its rough size. */
  send(frame: Frame, bytes: number): void;
  /** Ends the connection and asks the viewer to come back, to whichever node answers (H6). */
  move(): void;
  /** The hub cannot serve this viewer; the transport ends the connection and says why. */
  fail(error: unknown): void;
}

/** The receivers of one transport that want the same frames: one encoding, one call (H2). They are its own. */
export interface Group {
  join(receiver: Receiver): void;
  leave(receiver: Receiver): void;
  send(frame: Frame, bytes: number, kind: FrameKind): void;
}

/** How a transport that keeps connections open offers itself to the hub. */
export interface Fanout {
  readonly name: "socket" | "sse";
  createGroup(): Group;
}

/** A subscription in the hub; the transport calls these. */
export interface Attachment {
  /** There is room again (H3). */
  resume(): void;
  /** How far it is behind the log's head, ms by the ids; `null` while it is owed a whole snapshot. */
  lagMs(): number | null;
  close(): void;
}
