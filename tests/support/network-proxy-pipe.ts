import type { Socket } from "node:net";

/** How much one direction of one connection may hold before its sender is made to wait. */
const HIGH_WATER = 1024 * 1024;

/** A slow connection gets pieces of this size, so that it is slow throughout. */
const PACED_BYTES = 4096;

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
  readonly #rate: () => number;
  /** When a slow connection has room for its next piece. */
  #freeAt = 0;
  #held = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `isOpen` is asked before each piece; after it changed, call `pump`. `rate`: bytes a second, 0 for no limit. */
  constructor(to: Socket, isOpen: () => boolean, onDrained: () => void, rate: () => number = () => 0) {
    this.#to = to;
    this.#isOpen = isOpen;
    this.#onDrained = onDrained;
    this.#rate = rate;
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
      const rate = this.#rate();
      if (rate > 0) this.#split();
      const { piece, due } = this.#waiting[0]!;
      const wait = Math.max(due, rate > 0 ? this.#freeAt : 0) - Date.now();
      if (wait > 0) {
        this.#timer = setTimeout(() => this.pump(), wait);
        return;
      }
      this.#waiting.shift();
      if (piece === "end") this.#to.end();
      else if (piece === "reset") this.#to.resetAndDestroy();
      else {
        this.#held -= piece.length;
        if (rate > 0) this.#freeAt = Math.max(this.#freeAt, Date.now()) + (1000 * piece.length) / rate;
        this.#to.write(piece);
      }
    }
    if (!this.isFull) this.#onDrained();
  }

  /** Makes the next piece a small one. */
  #split() {
    const { piece, due } = this.#waiting[0]!;
    if (typeof piece === "string" || piece.length <= PACED_BYTES) return;
    const parts = [piece.subarray(0, PACED_BYTES), piece.subarray(PACED_BYTES)];
    this.#waiting.splice(0, 1, ...parts.map((part) => ({ piece: part, due })));
  }

  stop() {
    clearTimeout(this.#timer);
    this.#waiting.length = 0;
    this.#held = 0;
  }
}
