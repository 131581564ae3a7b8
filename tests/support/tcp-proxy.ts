import { once } from "node:events";
import { type AddressInfo, connect as connectTo, createServer, type Socket } from "node:net";

/** A way between two processes on loopback that a test can cut, block or slow down. It reads nothing of what passes. */
export interface TcpProxy {
  readonly port: number;
  /** Resets all connections, and every new one until `clear`. */
  cut(): void;
  /** Keeps connections open and passes nothing, either way, until `clear`: then what was kept arrives. */
  block(): void;
  /** Only what the target answers is kept until `clear`: what it is asked still arrives. */
  blockAnswers(): void;
  /**
   * What comes over the connections that are open arrives only after `deliver`, even when they were closed long
   * before; new ones work.
   */
  delayOpen(): void;
  deliver(): void;
  /** Resets the connections that are open; new ones work. */
  reset(): void;
  clear(): void;
  close(): Promise<void>;
}

type Fault = "none" | "cut" | "blocked" | "answers blocked";

interface Pair {
  near: Socket;
  far: Socket;
  /** What is delivered late. */
  kept?: Buffer[];
}

/** Starts a proxy in front of a port on loopback. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  let fault: Fault = "none";
  const pairs = new Set<Pair>();

  const server = createServer((near) => {
    near.on("error", () => {}); // A reset ends the connection, which is all there is to do about it.
    if (fault === "cut") return near.resetAndDestroy();
    const far = connectTo(targetPort, "127.0.0.1");
    far.on("error", () => near.destroy());
    const pair: Pair = { near, far };
    pairs.add(pair);
    near.on("data", (data) => (pair.kept ? pair.kept.push(data) : far.write(data)));
    far.on("data", (data) => near.write(data));
    near.once("close", () => {
      if (!pair.kept) far.destroy();
    });
    far.once("close", () => {
      pairs.delete(pair);
      near.destroy();
    });
    hold(pair);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  /** A socket that is paused keeps what arrives. */
  function hold({ near, far }: Pair): void {
    if (fault === "blocked") near.pause();
    else near.resume();
    if (fault === "blocked" || fault === "answers blocked") far.pause();
    else far.resume();
  }

  function set(next: Fault): void {
    fault = next;
    for (const pair of pairs) hold(pair);
  }

  function reset(): void {
    for (const { near, far } of pairs) {
      near.resetAndDestroy();
      far.destroy();
    }
  }

  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      set("cut");
      reset();
    },
    block: () => set("blocked"),
    blockAnswers: () => set("answers blocked"),
    reset,
    delayOpen() {
      for (const pair of pairs) pair.kept = [];
    },
    deliver() {
      for (const pair of pairs) {
        for (const data of pair.kept ?? []) pair.far.write(data);
        if (pair.kept) pair.far.end();
        pair.kept = undefined;
      }
    },
    clear: () => set("none"),
    async close() {
      reset();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
