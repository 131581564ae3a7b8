import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface StubNode {
  readonly port: number;
  /** What it was asked, oldest first, without the checks of a load balancer. */
  readonly requests: { method: string; url: string; headers: IncomingMessage["headers"] }[];
  /** Whether `/readyz` says so. */
  isReady: boolean;
  /** Answers everything else; 200 with the node's name by default. */
  answer: (req: IncomingMessage, res: ServerResponse) => void;
  /** Refuses connections from now on, as a node that stops; resolves when what is under way is answered. */
  stop(): Promise<void>;
  /** Refuses connections from now on and cuts those that there are, as one that was killed. */
  close(): Promise<void>;
}

/** Something that a proxy takes for a node and that does what a node must not: hang, break off, refuse. */
export async function startStubNode(name: string): Promise<StubNode> {
  const server: Server = createServer((req, res) => {
    if (req.url === "/readyz" || req.url === "/healthz") {
      res.writeHead(req.url === "/healthz" || stub.isReady ? 200 : 503).end();
      return;
    }
    stub.requests.push({ method: req.method!, url: req.url!, headers: req.headers });
    stub.answer(req, res);
  });
  server.on("upgrade", (req, socket) => {
    stub.requests.push({ method: req.method!, url: req.url!, headers: req.headers });
    socket.on("error", () => {});
    socket.end("HTTP/1.1 403 Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const stub: StubNode = {
    port: (server.address() as AddressInfo).port,
    requests: [],
    isReady: true,
    answer: (_req, res) => res.end(name),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
  return stub;
}
