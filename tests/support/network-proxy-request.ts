import { createHash } from "node:crypto";

/** What the proxy tells apart: each kind is one way of reading the log, a script, or anything else. */
export type RequestKind = "websocket" | "sse" | "heldPoll" | "poll" | "script" | "other";

export interface RequestHead {
  kind: RequestKind;
  /** The request line's target. */
  target: string;
  /** The head's bytes, its blank line included. */
  length: number;
  /** How many bytes of body follow; `undefined` when the body says itself where it ends. */
  bodyLength: number | undefined;
  websocketKey: string | undefined;
}

/** Reads an HTTP/1.1 request head from the start of `bytes`; `undefined` while it is incomplete. */
export function parseRequestHead(bytes: Buffer): RequestHead | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [requestLine = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const target = requestLine.split(" ")[1] ?? "";
  const isUpgrade = headers.get("upgrade")?.toLowerCase() === "websocket";
  return {
    kind: isUpgrade ? "websocket" : kindOf(target),
    target,
    length: end + 4,
    bodyLength: headers.has("transfer-encoding") ? undefined : Number(headers.get("content-length") ?? 0),
    websocketKey: headers.get("sec-websocket-key"),
  };
}

function kindOf(target: string): RequestKind {
  const url = new URL(target, "http://proxy.invalid");
  if (url.pathname === "/api/live/events") return "sse";
  if (url.pathname === "/api/live/poll")
    return Number(url.searchParams.get("wait")) > 0 ? "heldPoll" : "poll";
  return /^\/_next\/static\/.*\.js$/.test(url.pathname) ? "script" : "other";
}

/** A whole answer of the proxy's own, after which it closes the connection. */
export function answer(status: string, contentType: string, body: string): Buffer {
  return Buffer.from(
    `HTTP/1.1 ${status}\r\nContent-Type: ${contentType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Connection: close\r\n\r\n${body}`,
  );
}

/** RFC 6455, 4.2.2: "concatenating the value of /key/ with the string …, taking the SHA-1 hash". */
export function acceptUpgrade(key: string): Buffer {
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  return Buffer.from(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
}

/**
 * Are these bytes exactly one message that carries updates: a WebSocket frame (RFC 6455, 5.2), or a chunk
 * (RFC 9112, 7.1) of an event stream? Only then can it vanish without damage to what follows.
 */
export function isLiveFrame(bytes: Buffer): boolean {
  if (!bytes.includes('"updates":[{')) return false;
  if (bytes[0] === 0x81) return bytes.length === webSocketLength(bytes);
  const line = bytes.indexOf("\r\n");
  const size = Number.parseInt(bytes.toString("latin1", 0, line), 16);
  return line > 0 && bytes.length === line + 2 + size + 2;
}

/** The length of the frame that begins here, header included. */
function webSocketLength(bytes: Buffer): number {
  const short = bytes[1]! & 0x7f;
  if (short < 126) return 2 + short;
  return short === 126 ? 4 + bytes.readUInt16BE(2) : 10 + Number(bytes.readBigUInt64BE(2));
}
