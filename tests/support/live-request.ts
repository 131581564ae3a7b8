import { connect, type Socket } from "node:net";

const WEBSOCKET =
  "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/** The ways to hold a connection, as request targets. */
export const HELD = {
  socket: "/socket.io/?EIO=4&transport=websocket",
  events: "/api/live/events?channels=gauges",
  "long-poll": "/api/live/poll?channels=gauges&wait=50",
} as const;
export type Held = keyof typeof HELD;

export interface RequestOptions {
  /** The client's end, one of 127.0.0.0/8. */
  from?: string;
  headers?: Record<string, string>;
  /** Appended to the target. */
  query?: string;
}

export interface RawRequest {
  socket: Socket;
  /** Everything that has arrived. */
  answer(): string;
  /** Of the answer, once there is one. */
  status(): number | undefined;
  header(name: string): string | undefined;
  /** Its body as JSON, chunked or not. */
  json(): unknown;
}

/** A request written by hand, whose connection the test may end as it likes. */
export function rawRequest(port: number, target: string, options: RequestOptions = {}): RawRequest {
  const { from = "127.0.0.1", headers = {}, query = "" } = options;
  const socket = connect({ port, host: "127.0.0.1", localAddress: from });
  let answer = "";
  socket.setEncoding("utf8").on("data", (chunk) => {
    answer += chunk;
  });
  socket.on("error", () => {});
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const upgrade = target.startsWith("/socket.io/") ? WEBSOCKET : "";
  socket.write(
    `GET ${target}${query} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${upgrade}${lines.join("")}\r\n`,
  );
  return {
    socket,
    answer: () => answer,
    status: () => {
      const [, status] = /^HTTP\/1\.1 (\d+)/.exec(answer) ?? [];
      return status === undefined ? undefined : Number(status);
    },
    header: (name) => new RegExp(`^${name}: (.*)\r$`, "im").exec(answer.split("\r\n\r\n")[0] ?? "")?.[1],
    json: () => JSON.parse(/{.*}/s.exec(answer.split("\r\n\r\n")[1] ?? "")?.[0] ?? "null"),
  };
}
