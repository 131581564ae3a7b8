import { createServer } from "node:net";

/**
 * A TCP port on loopback that nothing listens on. It lies below the range from which kernels take the ports
 * of outgoing connections (32768 on Linux, 49152 elsewhere): a server that is down for a moment must find
 * its port free again, and a client that retries on loopback could otherwise connect to itself.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await isFree(port)) return port;
  }
  throw new Error("no free port found between 20000 and 32000");
}

/** Whether nothing listens on this port of 127.0.0.1. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
