import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { ProxyConnection } from "./network-proxy-connection";
import { type Faults, NO_FAULTS, noCounts, type ProxyCounts, type Tampering } from "./network-proxy-faults";

export interface NetworkProxy {
  /** Open the page here: the browser's `Host` and `Origin` reach the server unchanged. */
  readonly url: string;
  readonly port: number;
  readonly counts: Readonly<ProxyCounts>;
  readonly faults: Readonly<Faults>;
  /** Bytes that wait in the proxy now. */
  readonly held: number;
  /** Whether any fault was ever set. */
  readonly wasFaulty: boolean;
  /** Changes some faults. Open connections that a new fault forbids are cut. */
  set(change: Partial<Faults>): void;
  /** Everything passes again. What is held goes on; what was cut, refused or muted stays so. */
  clear(): void;
  /** Does this to the next frame with news on a socket or an event stream. */
  tamper(how: Tampering): void;
  /** Resets the connections that are open; new ones work. */
  cutOpen(): void;
  /** From now on the open connections pass nothing and are never closed (half-open); new ones work. */
  silenceOpen(): void;
  /**
   * As after the sleep of a device: what it holds open is half-open from now on. Idle connections are reset, as a
   * browser closes its own when the device suspends, which no test can make it do.
   */
  sleep(): void;
  /** How many connections of this kind are open and reach the server. */
  open(kind: "websocket" | "sse"): number;
  close(): Promise<void>;
}

/**
 * A network between browser and server, on loopback. It passes bytes on as they come and reads only the
 * heads of requests; it rewrites nothing, unless a fault says so.
 */
export async function startNetworkProxy(targetPort: number, targetHost = "127.0.0.1"): Promise<NetworkProxy> {
  let faults: Faults = { ...NO_FAULTS };
  let wasFaulty = false;
  const counts = noCounts();
  const connections = new Set<ProxyConnection>();
  const shared = {
    targetPort,
    targetHost,
    counts,
    faults: () => faults,
    tampering: undefined as Tampering | undefined,
  };

  const server = createServer({ allowHalfOpen: true }, (client) => {
    counts.connections++;
    client.on("error", () => {}); // A reset ends the connection, which is all there is to do about it.
    if (faults.network === "cut") {
      counts.connectionsRefused++;
      client.resetAndDestroy();
      return;
    }
    const connection = new ProxyConnection(client, shared);
    connections.add(connection);
    client.once("close", () => connections.delete(connection));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  function set(change: Partial<Faults>) {
    const before = faults;
    faults = { ...faults, ...change };
    wasFaulty = true;
    const blocks = (name: "websocket" | "sse" | "network") =>
      faults[name] !== before[name] && faults[name] !== "pass";
    for (const connection of connections) {
      const isForbidden =
        (blocks("network") && faults.network !== "stall") ||
        (blocks("websocket") && connection.current === "websocket") ||
        (blocks("sse") && connection.current === "sse");
      if (isForbidden) connection.cut();
      else if (faults.cutHeldAfter !== undefined && before.cutHeldAfter === undefined)
        connection.cutIfHeld(faults.cutHeldAfter);
      connection.wake();
    }
  }

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    counts,
    get faults() {
      return faults;
    },
    get held() {
      return [...connections].reduce((sum, connection) => sum + connection.held, 0);
    },
    get wasFaulty() {
      return wasFaulty;
    },
    set,
    clear() {
      shared.tampering = undefined;
      set(NO_FAULTS);
    },
    tamper(how) {
      wasFaulty = true;
      shared.tampering = how;
    },
    cutOpen() {
      wasFaulty = true;
      for (const connection of connections) connection.cut();
    },
    silenceOpen() {
      wasFaulty = true;
      for (const connection of connections) connection.silence();
    },
    sleep() {
      wasFaulty = true;
      for (const connection of connections) connection.isHolding ? connection.silence() : connection.cut();
    },
    open: (kind) => [...connections].filter((one) => one.current === kind && one.isPassing).length,
    async close() {
      for (const connection of connections) connection.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
