import ipaddr from "ipaddr.js";

/** What a source may reach unasked: the internet, and the operator's own networks. */
const OPEN = new Set(["unicast", "private", "carrierGradeNat", "uniqueLocal"]);
/** Within those, where clouds hand a machine's credentials to whoever asks from it. */
const METADATA = new Set(["fd00:ec2::254", "100.100.100.200", "168.63.129.16"]);

type Address = ReturnType<typeof ipaddr.process>;

/**
 * Whether a source may connect to an IP address. Loopback, link-local, multicast, reserved and the like are refused,
 * however they are written, unless they are within `allowed` (addresses and CIDRs).
 */
export function addressRule(allowed: readonly string[]): (address: string) => boolean {
  const networks = allowed.map(networkOf);
  return (text) => {
    if (!ipaddr.isValid(text)) return false;
    const address = withinTranslation(ipaddr.process(text));
    return networks.some((network) => isWithin(address, network)) || isOpen(address);
  };
}

function isOpen(address: Address): boolean {
  return OPEN.has(address.range()) && !METADATA.has(address.toString());
}

/** A network without IPv4 reaches that through addresses which hold one in their last four bytes (RFC 6052, NAT64). */
function withinTranslation(address: Address): Address {
  if (address.range() !== "rfc6052") return address;
  return ipaddr.fromByteArray(address.toByteArray().slice(-4));
}

function networkOf(text: string): [Address, number] {
  if (text.includes("/")) return ipaddr.parseCIDR(text);
  const address = ipaddr.process(text);
  return [address, address.kind() === "ipv4" ? 32 : 128];
}

function isWithin(address: Address, network: [Address, number]): boolean {
  return address.kind() === network[0].kind() && address.match(network);
}
