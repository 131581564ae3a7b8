import type { Socket } from "node:net";

/** How much one direction of one connection may hold before its sender is made to wait. */
const HIGH_WATER = 1024 * 1024;

/** A piece of a stream: bytes, its orderly end (FIN), or its reset (RST). */
type Piece = Buffer | "end" | "reset";

/**
 * One direction of a connection, in order. Each piece waits for its own due time, and all of them for the
 * gate. What waits is kept, as a network keeps what it has not dropped.
 */
export class Pipe {
  readonly #to: Socket;
  readonly #waiting: { piece: Piece; due: number }[] = [];
  readonly #isOpen: () => boolean;
  readonly #onDrained: () => void;
  #held = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `isOpen` is asked before each piece; after it changed, call `pump`. */
  constructor(to: Socket, isOpen: () => boolean, onDrained: () => void) {
    this.#to = to;
    this.#isOpen = isOpen;
    this.#onDrained = onDrained;
    to.on("drain", () => this.pump());
  }

  /** Bytes that have not been passed on. */
  get held(): number {
    return this.#held;
  }

  get isFull(): boolean {
    return this.#held >= HIGH_WATER;
  }

  push(piece: Piece, delay = 0) {
    this.#waiting.push({ piece, due: delay > 0 ? Date.now() + delay : 0 });
    if (typeof piece !== "string") this.#held += piece.length;
    this.pump();
  }

  pump() {
    clearTimeout(this.#timer);
    while (this.#waiting.length > 0 && this.#isOpen() && !this.#to.destroyed && !this.#to.writableNeedDrain) {
      const { piece, due } = this.#waiting[0]!;
      const wait = due - Date.now();
      if (wait > 0) {
        this.#timer = setTimeout(() => this.pump(), wait);
        return;
      }
      this.#waiting.shift();
      if (piece === "end") this.#to.end();
      else if (piece === "reset") this.#to.resetAndDestroy();
      else {
        this.#held -= piece.length;
        this.#to.write(piece);
      }
    }
    if (!this.isFull) this.#onDrained();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#waiting.length = 0;
    this.#held = 0;
  }
}
