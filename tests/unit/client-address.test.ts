import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { countedAs, createAddressReader } from "@/lib/server/http/client-address";

function request(remoteAddress: string | undefined, forwarded?: string): IncomingMessage {
  const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
  return { socket: { remoteAddress }, connection: { remoteAddress }, headers } as unknown as IncomingMessage;
}

describe("the client's address", () => {
  it("[H4] is the peer's, whatever it claims, while no proxy is trusted", () => {
    const { addressOf, isTrusted } = createAddressReader([]);
    expect(addressOf(request("192.0.2.7", "203.0.113.1"))).toBe("192.0.2.7");
    expect(isTrusted(request("192.0.2.7"))).toBe(false);
  });

  it("[H4] is what trusted proxies say, and only as far as they are trusted", () => {
    const { addressOf, isTrusted } = createAddressReader(["10.0.0.0/8", "fd00::/8"]);
    expect(addressOf(request("10.1.2.3", "203.0.113.1"))).toBe("203.0.113.1");
    // What the client wrote itself stands before what the proxies added.
    expect(addressOf(request("10.1.2.3", "198.51.100.9, 203.0.113.1"))).toBe("203.0.113.1");
    expect(addressOf(request("10.1.2.3", "198.51.100.9, 203.0.113.1, 10.9.9.9"))).toBe("203.0.113.1");
    expect(addressOf(request("fd12::1", "2001:db8::5"))).toBe("2001:db8::5");
    expect(addressOf(request("::ffff:10.1.2.3", "203.0.113.1"))).toBe("203.0.113.1");
    expect(addressOf(request("11.1.2.3", "203.0.113.1"))).toBe("11.1.2.3");
    expect([request("10.1.2.3"), request("11.1.2.3"), request(undefined)].map(isTrusted)).toEqual([
      true,
      false,
      false,
    ]);
  });

  it.each(["unknown", "_hidden", "203.0.113.1:4711", "<script>", ""])(
    "[H4] is the proxy's own when it says %j instead of an address",
    (text) => {
      expect(createAddressReader(["10.0.0.1"]).addressOf(request("10.0.0.1", text))).toBe("10.0.0.1");
    },
  );
});

describe("a client is counted", () => {
  it.each([
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["::ffff:c000:207", "192.0.2.7"],
    ["::ffff:255.255.255.255", "255.255.255.255"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0DB8:0001:0002::9", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["::", "0:0:0:0::/64"],
    ["1::", "1:0:0:0::/64"],
    ["64:ff9b::192.0.2.7", "64:ff9b:0:0::/64"],
    ["unknown", "unknown"],
  ])("[H4] %s as %s", (address, key) => {
    expect(countedAs(address)).toBe(key);
  });

  it("[H4] as one with all of its /64, and apart from the next", () => {
    const keys = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::", "2001:db8:1:3::1"].map(countedAs);
    expect(keys[0]).toBe(keys[1]);
    expect(keys[0]).not.toBe(keys[2]);
  });
});
