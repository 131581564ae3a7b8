import { CodedError } from "@/lib/shared/codes";
import { compareIds, type UpdateId } from "@/lib/shared/cursor";

/** How long a reader waits for this node to read as far as another one has, ms. */
const LIMIT_MS = 1000;

interface Wait {
  id: UpdateId;
  done: () => void;
}

/** Readers whose cursor comes from another node, which has read further than this one (L5). */
export class Reach {
  private waits: Wait[] = [];
  private asking: Promise<UpdateId> | undefined;

  /** `confirm` asks the engine for its head; `head` is how far this node is; `catchUp` makes it read on. */
  constructor(
    private readonly confirm: () => Promise<UpdateId>,
    private readonly head: () => UpdateId,
    private readonly catchUp: () => void,
  ) {}

  /**
   * Resolves with true once this node has read up to `id`, with false when the engine itself is not that far:
   * then the cursor is gone. Rejects with `behind` after a second, also when the engine does not answer.
   */
  until(id: UpdateId): Promise<boolean> {
    if (compareIds(id, this.head()) <= 0) return Promise.resolve(true);
    return new Promise((resolve, reject) => {
      const wait: Wait = { id, done: () => settle(() => resolve(true)) };
      const settle = (answer: () => void) => {
        clearTimeout(timer);
        this.waits = this.waits.filter((other) => other !== wait);
        answer();
      };
      const late = () => reject(new CodedError("behind", undefined, { retryAfter: 1 }));
      const timer = setTimeout(() => settle(late), LIMIT_MS);
      this.waits.push(wait);
      this.headFor(id).then(
        (head) => {
          if (compareIds(id, head) > 0) settle(() => resolve(false));
          else if (compareIds(id, this.head()) > 0) this.catchUp();
        },
        (error) => settle(() => reject(error)),
      );
    });
  }

  /** An answer to a question that was asked before this id was handed out may be too old to know of it. */
  private async headFor(id: UpdateId): Promise<UpdateId> {
    const isShared = this.asking !== undefined;
    const head = await this.ask();
    return isShared && compareIds(id, head) > 0 ? this.ask() : head;
  }

  /** Who asks while an answer is awaited shares it. */
  private ask(): Promise<UpdateId> {
    this.asking ??= this.confirm().finally(() => {
      this.asking = undefined;
    });
    return this.asking;
  }

  /** This node has read on. */
  moved(): void {
    for (const { id, done } of [...this.waits]) if (compareIds(id, this.head()) <= 0) done();
  }
}
