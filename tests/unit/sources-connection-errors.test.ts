import { expect, it } from "vitest";
import { AskedToWait } from "@/lib/server/sources/asked-to-wait";
import { connectionError, statusError } from "@/lib/server/sources/connection-errors";

const url = new URL("https://me:canary@shop.example:8443/canary?canary");

it.each([
  ["CERT_HAS_EXPIRED", "The certificate of shop.example:8443 has expired"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "The certificate of shop.example:8443 belongs to another host"],
  ["ENOTFOUND", "There is no such host: shop.example"],
  ["EHOSTUNREACH", "shop.example:8443 cannot be reached"],
  ["HPE_INVALID_CONSTANT", "What shop.example:8443 answers is not HTTP"],
])("[S4] %s is said without path and credentials", (code, words) => {
  const cause = Object.assign(new Error("canary"), { code });
  expect(connectionError(cause, url)).toMatchObject({ message: words, cause });
});

it("leaves alone what is in words already", () => {
  const error = new Error("Not JSON: the answer is empty");
  expect(connectionError(error, url)).toBe(error);
});

it("[S2] believes a pause that a busy server asks for, in seconds or up to a date", () => {
  const now = Date.UTC(2026, 0, 1);
  const waits = (retryAfter?: string, status = 503) => {
    const error = statusError({ status, host: "h", retryAfter, now });
    return error instanceof AskedToWait ? error.retryAfterMs : undefined;
  };
  expect([waits("120"), waits("120", 429)]).toEqual([120_000, 120_000]);
  expect(waits("Thu, 01 Jan 2026 00:01:30 GMT")).toBe(90_000);
  for (const text of ["0", "-5", "soon", "Wed, 31 Dec 2025 00:00:00 GMT", undefined])
    expect(waits(text), text).toBeUndefined();
  expect(waits("120", 500)).toBeUndefined();
});
