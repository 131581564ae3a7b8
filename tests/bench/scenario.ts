import type { Outcome } from "./lab";
import type { PeerName } from "./readers";

/** One scenario run with one peer. `null`: not measured here. */
export interface Row extends Outcome {
  scenario: string;
  peer: PeerName;
  viewers: number;
  /** CPU time of the server process per update that a viewer was sent, µs. */
  cpuUsPerUpdate: number | null;
  /** Bytes that a viewer received per update, above WebSocket's framing. */
  bytesPerUpdate: number | null;
  packetsPerUpdate: number | null;
  /** What only some scenarios measure. */
  [figure: string]: string | number | null;
}

export type Pair = Record<PeerName, Row>;

/** What issue and rules ask for: the figure of a pair must be at most `limit`. */
export interface Target {
  what: string;
  limit: number;
  figure(pair: Pair): number | null;
}

export interface Scenario {
  name: string;
  /** What `--scenario` calls it. */
  flag: Flag;
  about: string;
  /** `nodeOptions` are for the server's process. */
  run(peer: PeerName, nodeOptions: string[]): Promise<Row>;
  targets: Target[];
  /** Figures of its own, for the table. */
  extras?: Record<string, string>;
}

export const FLAGS = ["page", "fanout", "storm", "slow", "latency", "cluster"] as const;
export type Flag = (typeof FLAGS)[number];

/** The quotient of a figure of both peers. */
export function ratio(figure: "cpuUsPerUpdate" | "bytesPerUpdate"): Target["figure"] {
  return ({ nowboard, "socket.io": peer }) => {
    const mine = nowboard[figure];
    const other = peer[figure];
    return mine === null || other === null ? null : mine / other;
  };
}
