import { AskedToWait } from "./asked-to-wait";

/** What failed connections are called by Node and OpenSSL, as a reader understands it; `…` is host and port. */
const WORDS: Record<string, string> = {
  ECONNREFUSED: "… refuses connections",
  ECONNRESET: "… closed the connection before it had answered",
  ENOTFOUND: "There is no such host: {name}",
  EAI_AGAIN: "{name} cannot be looked up now",
  EHOSTUNREACH: "… cannot be reached",
  ENETUNREACH: "… cannot be reached",
  ETIMEDOUT: "… cannot be reached",
  EPROTO: "… does not answer with TLS",
  ERR_SSL_WRONG_VERSION_NUMBER: "… does not answer with TLS",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "… does not answer with TLS",
  CERT_HAS_EXPIRED: "The certificate of … has expired",
  CERT_NOT_YET_VALID: "The certificate of … is not valid yet",
  ERR_TLS_CERT_ALTNAME_INVALID: "The certificate of … belongs to another host",
  DEPTH_ZERO_SELF_SIGNED_CERT: "The certificate of … is signed by nobody that this server trusts",
  SELF_SIGNED_CERT_IN_CHAIN: "The certificate of … is signed by nobody that this server trusts",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "The certificate of … is signed by nobody that this server trusts",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "The certificate of … is signed by nobody that this server trusts",
  Z_DATA_ERROR: "The answer of … is not compressed as it says",
  Z_BUF_ERROR: "The answer of … ends early",
};

/** An error of a connection or an answer, in words. What is in words already stays as it is. */
export function connectionError(error: unknown, { host, hostname }: URL): unknown {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== "string") return error;
  const words = WORDS[code] ?? (code.startsWith("HPE_") ? "What … answers is not HTTP" : undefined);
  return words ? new Error(words.replace("…", host).replace("{name}", hostname), { cause: error }) : error;
}

interface Refusal {
  status: number;
  host: string;
  /** What the server itself gives as the reason. */
  reason?: string;
  retryAfter?: string;
  now: number;
}

/** The error for an answer that is none. */
export function statusError({ status, host, reason, retryAfter, now }: Refusal): Error {
  const message = `HTTP ${status} from ${host}${reason ? `: ${reason}` : ""}`;
  const waits = status === 429 || status === 503 ? waitOf(retryAfter, now) : undefined;
  return waits === undefined ? new Error(message) : new AskedToWait(message, waits);
}

/** RFC 9110, 10.2.3: seconds, or a date. */
function waitOf(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d+$/.test(text) ? 1000 * Number(text) : Date.parse(text) - now;
  return ms > 0 ? ms : undefined;
}
