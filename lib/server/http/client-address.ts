import type { IncomingMessage } from "node:http";
import { isIP, isIPv6 } from "node:net";
import proxyAddress from "proxy-addr";

/** A peer's address that is not known any more, as its connection has ended. */
const UNKNOWN = "unknown";
const IPV4_IN_IPV6 = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/;

export interface AddressReader {
  /** The client's address: the peer's, or what the trusted proxies in front say. */
  addressOf(req: IncomingMessage): string;
  /** Is the peer itself a trusted proxy, so that its other headers may be believed, too? */
  isTrusted(req: IncomingMessage): boolean;
}

/**
 * Reads who asks. `X-Forwarded-For` is anybody's to write, so it counts only as far as the addresses from which
 * it came are `trusted` (addresses or CIDRs). Throws a `TypeError` for one that is neither.
 */
export function createAddressReader(trusted: readonly string[]): AddressReader {
  if (trusted.length === 0)
    return { addressOf: (req) => req.socket.remoteAddress ?? UNKNOWN, isTrusted: () => false };
  const trust = proxyAddress.compile([...trusted]);
  return {
    addressOf(req) {
      const peer = req.socket.remoteAddress;
      if (peer === undefined) return UNKNOWN;
      const address = proxyAddress(req, trust);
      // A proxy may write `unknown`, or a port: then nothing better than its own address is known.
      return isIP(address) ? address : peer;
    },
    isTrusted: ({ socket }) => socket.remoteAddress !== undefined && trust(socket.remoteAddress, 0),
  };
}

/**
 * What a client is counted by. An IPv6 host is given a whole /64 (RFC 6177), and may take any address in it;
 * IPv4 written as IPv6 is the same host as without.
 */
export function countedAs(address: string): string {
  if (!isIPv6(address)) return address;
  const [plain] = address.split("%");
  // A URL's host is written in one way only.
  const canonical = new URL(`http://[${plain}]`).hostname;
  const [, high, low] = IPV4_IN_IPV6.exec(canonical) ?? [];
  if (high !== undefined && low !== undefined) {
    const bits = Number.parseInt(high, 16) * 65_536 + Number.parseInt(low, 16);
    return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join(".");
  }
  const [head, tail] = canonical.slice(1, -1).split("::") as [string, string?];
  const left = head === "" ? [] : head.split(":");
  const right = tail ? tail.split(":") : [];
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array(zeros).fill("0"), ...right];
  return `${groups.slice(0, 4).join(":")}::/64`;
}
