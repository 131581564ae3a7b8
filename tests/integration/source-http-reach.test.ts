import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createFetcher, type Fetcher, type FetcherOptions } from "@/lib/server/sources/http/fetch-limited";

let server: Server;
let port: number;
/** What was asked of the server on loopback. */
let asked: string[] = [];
const fetchers: Fetcher[] = [];

beforeEach(async () => {
  asked = [];
  server = createServer((req, res) => {
    asked.push(req.url!);
    const isAway = req.url === "/away";
    if (isAway) res.setHeader("Location", `http://127.0.0.1:${port}/inside?key=canary`);
    res.writeHead(isAway ? 302 : 200, { Connection: "close" }).end("told");
    // All of 127.0.0.0/8 is this machine.
  }).listen(0, "0.0.0.0");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
});

afterEach(async () => {
  await Promise.all(fetchers.splice(0).map((fetcher) => fetcher.close()));
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** A name's addresses, one answer after the other; the last stays. */
function namesOf(...answers: string[][]) {
  let asks = 0;
  const addressesOf = async () => {
    const found = answers[Math.min(asks, answers.length - 1)]!;
    asks += 1;
    return found.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  };
  return { addressesOf, asks: () => asks };
}

function get(url: string, { allowed = [], addressesOf }: Partial<FetcherOptions> = {}) {
  const fetcher = createFetcher({ accept: "*/*", maxBytes: 1000, allowed, addressesOf });
  fetchers.push(fetcher);
  const again = () =>
    fetcher
      .get({ url: new URL(url), signal: new AbortController().signal, read: (text) => text })
      .catch((error: Error) => error.message);
  return { again, first: again() };
}

it.each([
  ...["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0.0.0.0", "0", "①②⑦.0.0.1"],
  ...["[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "127.0.0.1."],
  ...["localhost", "LOCALHOST"],
])("[S4] %s is refused before anything is connected", async (host) => {
  const { first } = get(`http://${host}:${port}/`);
  expect(await first).toContain("is not open to sources unless NOWBOARD_SOURCES_ALLOW names its network");
  expect(asked).toEqual([]);
});

it("[S4] what the operator allows is reached, by address and by name", async () => {
  const allowed = ["127.0.0.0/8"];
  for (const host of ["127.0.0.1", "2130706433", "[::ffff:127.0.0.1]", "localhost"])
    expect(await get(`http://${host}:${port}/`, { allowed }).first, host).toBe("told");
});

it("[S4] of a name's addresses only those are tried that are open", async () => {
  const both = namesOf(["127.0.0.1", "127.0.0.2"]);
  expect(
    await get(`http://app.example:${port}/`, { allowed: ["127.0.0.2"], addressesOf: both.addressesOf }).first,
  ).toBe("told");
  const none = namesOf(["127.0.0.1", "::1"]);
  expect(
    await get(`http://app.example:${port}/`, { allowed: ["127.0.0.2"], addressesOf: none.addressesOf }).first,
  ).toContain("app.example (127.0.0.1) is not open to sources");
  expect(asked).toHaveLength(1);
});

it("[S4] a name that changes its address is judged by the one that is connected to", async () => {
  const name = namesOf(["127.0.0.2"], ["127.0.0.1"]);
  const { first, again } = get(`http://app.example:${port}/`, {
    allowed: ["127.0.0.2"],
    addressesOf: name.addressesOf,
  });
  // One lookup for check and connection alike: a second one would already lead elsewhere.
  expect([await first, name.asks()]).toEqual(["told", 1]);
  expect(await again()).toContain("app.example (127.0.0.1) is not open to sources");
  expect([asked.length, name.asks()]).toEqual([1, 2]);
});

it("[S4] a redirect is said and not followed, without its query", async () => {
  const name = namesOf(["127.0.0.2"]);
  const { first } = get(`http://app.example:${port}/away`, {
    allowed: ["127.0.0.2"],
    addressesOf: name.addressesOf,
  });
  expect(await first).toBe(
    `HTTP 302 from app.example:${port}: it redirects to http://127.0.0.1:${port}/inside, which is not followed`,
  );
  expect(asked).toEqual(["/away"]);
});
