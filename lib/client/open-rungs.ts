import type { Cursor } from "@/lib/shared/cursor";
import type { Frame, Subscribe } from "@/lib/shared/protocol";
import type { Failure, Opening, Rung } from "./ladder-state";
import type { OpenTransport, Transport } from "./transports/transport";

/** What became of a rung, for support. `at` is ms on the server's clock where it is known. */
export interface Trial {
  at: number;
  rung: Rung;
  outcome: "opened" | "delivered" | "failed" | "closed";
  message?: string;
}

export interface RungEvents {
  subscription(): Subscribe;
  pollMs(): number;
  frame(rung: Rung, frame: Frame, asked?: Cursor): void;
  alive(rung: Rung, date?: number): void;
  failed(rung: Rung, failure: Failure): void;
}

interface OpenRung {
  opening: Opening;
  transport: Transport;
  /** A lost frame has been asked for again. */
  rereading: boolean;
}

const TRIALS = 30;

/** The transports that are open: exactly those that the ladder asks for. */
export class OpenRungs {
  /** The last trials, oldest first. */
  trials: readonly Trial[] = [];
  /** One frame a second at most is asked for (H7). */
  isSparse = false;
  private readonly opened = new Map<Rung, OpenRung>();

  constructor(
    private readonly transports: Readonly<Record<Rung, OpenTransport>>,
    private readonly stamp: () => number,
    private readonly events: RungEvents,
  ) {}

  /** Closes what is not wanted, then opens what is missing. */
  reconcile(wanted: readonly Opening[]): void {
    for (const [rung, { opening, transport }] of this.opened) {
      if (wanted.some(({ rung: other, at }) => other === rung && at === opening.at)) continue;
      this.opened.delete(rung);
      transport.close();
      this.note(rung, "closed");
    }
    for (const opening of wanted) if (!this.opened.has(opening.rung)) this.open(opening);
  }

  /** The subscription changed: has all rungs read on from the lowest cursor. */
  refresh(): void {
    for (const open of this.opened.values()) {
      open.rereading = false;
      open.transport.refresh();
    }
  }

  spare(isSparse: boolean): void {
    if (isSparse === this.isSparse) return;
    this.isSparse = isSparse;
    this.refresh();
  }

  /** A frame was lost on this rung: has it read on from the lowest cursor, once until what comes `follows`. */
  reread(rung: Rung): void {
    const open = this.opened.get(rung);
    if (!open || open.rereading) return;
    open.rereading = true;
    open.transport.refresh();
  }

  /** What came on this rung follows on what there is. */
  follows(rung: Rung): void {
    const open = this.opened.get(rung);
    if (open) open.rereading = false;
  }

  note(rung: Rung, outcome: Trial["outcome"], message?: string): void {
    this.trials = [...this.trials.slice(1 - TRIALS), { at: this.stamp(), rung, outcome, message }];
  }

  private open(opening: Opening): void {
    const { rung } = opening;
    const { events } = this;
    // Nothing that a closed transport still says may count.
    const isOpen = () => this.opened.get(rung)?.opening === opening;
    this.note(rung, "opened");
    const transport = this.transports[rung]({
      subscription: () => ({ ...events.subscription(), ...(this.isSparse && { sparse: true }) }),
      pollMs: () => events.pollMs(),
      frame: (frame, asked) => isOpen() && events.frame(rung, frame, asked),
      alive: (date) => isOpen() && events.alive(rung, date),
      failed: (failure) => {
        if (!isOpen()) return;
        this.note(rung, "failed", failure.message);
        events.failed(rung, failure);
      },
    });
    this.opened.set(rung, { opening, transport, rereading: false });
  }
}
