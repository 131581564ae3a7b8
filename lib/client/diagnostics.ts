import type { ConnectionView } from "./connection-view";
import type { Reading } from "./frame-reducer";
import type { Gap } from "./gap-ledger";
import type { Ladder } from "./ladder-state";
import type { Trial } from "./open-rungs";

/** What a client knows of its connection, for a support ticket; nothing of the data. Times in ms. */
export interface Diagnostics {
  at: number;
  serverNow?: number;
  userAgent: string;
  connection: ConnectionView;
  /** One frame a second at most was asked for. */
  sparse: boolean;
  ladder: Ladder;
  reading: Reading;
  ledger: readonly Gap[];
  trials: readonly Trial[];
}
