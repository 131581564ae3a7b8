import { expect, it } from "vitest";
import { addressRule } from "@/lib/server/sources/http/refused-address";

const REFUSED = [
  ...["127.0.0.1", "127.255.255.254", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1"],
  ...["0.0.0.0", "0", "0.1.2.3", "::", "::1", "0:0:0:0:0:0:0:1"],
  ...["::ffff:127.0.0.1", "::ffff:7f00:1", "::127.0.0.1", "::ffff:0:127.0.0.1"],
  ...["64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001::1"],
  ...["169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "fe80::1%eth0", "fec0::1"],
  ...["224.0.0.1", "ff02::1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "2001:db8::1", "100::1"],
  // Where clouds keep a machine's credentials.
  ...["fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"],
  ...["", "localhost", "127.0.0.1/8"],
];
const OPEN = [
  ...["10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fd12:3456::1", "8.8.8.8", "2606:4700::1"],
  ...["::ffff:10.0.0.1", "64:ff9b::808:808", "64:ff9b::a00:1"],
];

it.each(REFUSED)("[S4] a source does not reach %s by default", (address) => {
  expect(addressRule([])(address)).toBe(false);
});

it.each(OPEN)("[S4] a source reaches %s", (address) => {
  expect(addressRule([])(address)).toBe(true);
});

it("[S4] what the operator allows is open, and nothing beside it", () => {
  const rule = addressRule(["127.0.0.0/8", "::1", "169.254.169.254", "fe80::/64"]);
  for (const address of [
    "127.0.0.1",
    "127.9.9.9",
    "::ffff:127.0.0.1",
    "2130706433",
    "::1",
    "169.254.169.254",
  ])
    expect(rule(address), address).toBe(true);
  expect(rule("fe80::1%eth0")).toBe(true);
  for (const address of ["0.0.0.0", "::", "169.254.169.253", "fe80:1::1", "::ffff:169.254.0.1"])
    expect(rule(address), address).toBe(false);
});
