import type { Server } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

/** How long a stop may take before the process ends anyway, ms. */
const STOP_MS = 20_000;
/** How long requests that are being answered are waited for, ms. */
const FINISH_MS = 3000;

export interface StopTimes {
  /** How long `/readyz` says no before connections are refused, so that load balancers look elsewhere, ms. */
  noticeMs: number;
  /** Over how long viewers are sent away, ms. */
  drainMs: number;
}

/** Behind a load balancer viewers move to other nodes. A single node is back the sooner the faster it ends. */
export const CLUSTER_TIMES: StopTimes = { noticeMs: 3000, drainMs: 5000 };
export const SINGLE_TIMES: StopTimes = { noticeMs: 0, drainMs: 0 };

interface Stoppable {
  server: Server;
  io: { close(): Promise<void> };
  runtime: { beginStop(): void; hub: { drain(ms: number): Promise<void> }; close(): Promise<void> };
  exit: (code: number) => void;
}

/**
 * The end of the process (H6): not ready, no new connections, viewers move, what is pending is stored, exit code
 * 0; or 1 when that takes more than 20 s.
 */
export async function stop(
  { server, io, runtime, exit }: Stoppable,
  { noticeMs, drainMs }: StopTimes,
): Promise<void> {
  setTimeout(() => exit(1), STOP_MS).unref();
  runtime.beginStop();
  await delay(noticeMs);
  const closed = new Promise((resolve) => server.close(resolve));
  await runtime.hub.drain(drainMs);
  await Promise.race([closed, delay(FINISH_MS, undefined, { ref: false })]);
  server.closeAllConnections();
  await io.close();
  await runtime.close();
  exit(0);
}
