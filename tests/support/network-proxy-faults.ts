import type { Rung } from "@/lib/client/ladder-state";

/** What the network does to the browser. All of it can be switched while connections are open. */
export interface Faults {
  /** Answer upgrades with 403 or 404, or accept them and say nothing ever after. */
  websocket: "pass" | "refuse" | "notFound" | "mute";
  /**
   * Answer event streams with 502, never answer them, keep their bytes until they end, or compress them, which
   * keeps them back just as well: a compressor waits for more.
   */
  sse: "pass" | "refuse" | "hold" | "buffer" | "gzip";
  /** Cut event streams, and polls without an answer, this many ms after they were asked for. */
  cutHeldAfter: number | undefined;
  /** Hold the requests for the page's scripts back, until they may pass. */
  scripts: "pass" | "hold";
  /**
   * `cut` resets all connections and every new one. `stall` passes nothing in either direction, closes
   * nothing, and goes on where it stopped. `portal` answers everything with a page of its own.
   */
  network: "pass" | "cut" | "stall" | "portal";
  /** Every piece of data arrives this much later (ms), each way. */
  delay: number;
  /** At most so many bytes a second reach each connection of the browser; 0: as many as come. */
  bytesPerSecond: number;
  /** Cut connections on which nothing has passed either way for so long, ms. */
  cutIdleAfter: number | undefined;
  /**
   * Say `no-cache` where an answer says `no-store`: Chromium keeps no page in its back/forward cache that says the
   * latter, and other browsers do.
   */
  storable: boolean;
  /** The address from which new connections reach the server, as after a change of network. */
  from: string;
}

/** What becomes of the next live frame: it never arrives, or arrives twice. */
export type Tampering = "drop" | "repeat";

/** The network on which a page settles on this rung. */
export const NETWORK_FOR: Record<Rung, Partial<Faults>> = {
  socket: {},
  sse: { websocket: "refuse" },
  "long-poll": { websocket: "refuse", sse: "refuse" },
  poll: { websocket: "refuse", cutHeldAfter: 0 },
};

/** What has happened so far: a test checks here that its fault took effect. */
export interface ProxyCounts {
  connections: number;
  connectionsRefused: number;
  connectionsCut: number;
  connectionsSilenced: number;
  requests: number;
  upgradesSeen: number;
  upgradesRefused: number;
  upgradesMuted: number;
  sseSeen: number;
  sseRefused: number;
  sseHeld: number;
  sseBuffered: number;
  heldPollsSeen: number;
  pollsSeen: number;
  /** Event streams and held polls that were cut. */
  heldCut: number;
  scriptsHeld: number;
  portalAnswers: number;
  piecesDelayed: number;
  piecesThrottled: number;
  sseCompressed: number;
  idleCut: number;
  /** Frames that never arrived, or arrived twice. */
  framesTampered: number;
  madeStorable: number;
  /** Connections to the server from another address than the usual one. */
  fromElsewhere: number;
}

export const NO_FAULTS: Faults = {
  websocket: "pass",
  sse: "pass",
  cutHeldAfter: undefined,
  scripts: "pass",
  network: "pass",
  delay: 0,
  bytesPerSecond: 0,
  cutIdleAfter: undefined,
  storable: false,
  from: "127.0.0.1",
};

export function noCounts(): ProxyCounts {
  return {
    connections: 0,
    connectionsRefused: 0,
    connectionsCut: 0,
    connectionsSilenced: 0,
    requests: 0,
    upgradesSeen: 0,
    upgradesRefused: 0,
    upgradesMuted: 0,
    sseSeen: 0,
    sseRefused: 0,
    sseHeld: 0,
    sseBuffered: 0,
    heldPollsSeen: 0,
    pollsSeen: 0,
    heldCut: 0,
    scriptsHeld: 0,
    portalAnswers: 0,
    piecesDelayed: 0,
    piecesThrottled: 0,
    sseCompressed: 0,
    idleCut: 0,
    framesTampered: 0,
    madeStorable: 0,
    fromElsewhere: 0,
  };
}
