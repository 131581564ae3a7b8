import { describe, expect, it } from "vitest";
import { type RequestHead, refusal } from "@/lib/server/http/admission";

const HOST = "localhost:3000";
const ask = (headers: RequestHead["headers"], url = "/api/live/poll", method = "GET") =>
  refusal({ method, url, headers });

it("[H4] refuses a target with a fragment, which would hide a part of the query from whoever counts", () => {
  expect(ask({ host: HOST }, "/api/live/poll?channels=a&wait=55#x")).toBe("bad_request");
});

describe("the host that a request names", () => {
  it.each([
    "localhost",
    "localhost:3000",
    "LOCALHOST:1",
    "127.0.0.1",
    "127.0.0.1:65535",
    "[::1]",
    "[::1]:3000",
  ])("%s is served", (host) => {
    expect(ask({ host })).toBeUndefined();
  });

  it.each([
    "",
    "evil.example",
    "evil.example:3000",
    "localhost.evil.example",
    "evil-localhost",
    "127.0.0.1.nip.io",
    "127.0.0.2",
    "127.1",
    "2130706433",
    "0.0.0.0",
    "0",
    "::1",
    "[::1",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::1].evil.example",
    "[fe80::1]",
    "localhost:",
    "localhost:80:80",
    "localhost:3000.evil.example",
    "localhost@evil.example",
    "user@localhost",
    "localhost, evil.example",
    "localhost/..",
    "localhost ",
  ])("%j is refused: a name that an attacker's DNS points here must not do (rebinding)", (host) => {
    expect(ask({ host })).toBe("forbidden_host");
    expect(ask({ host, origin: `http://${host}` })).toBe("forbidden_host");
  });

  it("must be there", () => {
    expect(ask({})).toBe("forbidden_host");
  });

  it.each([
    "http://localhost:3000/",
    "http://evil.example/api/live/poll",
    "https://localhost/",
    "*",
    "localhost:3000",
    "ws://localhost:3000/socket.io/",
    "",
  ])("is not overridden by the request target %j", (url) => {
    expect(ask({ host: HOST }, url)).toBe("forbidden_host");
  });
});

describe("the site that a request comes from", () => {
  it.each([
    ["localhost:3000", "http://localhost:3000"],
    ["localhost:3000", "https://localhost:3000"],
    ["127.0.0.1:80", "http://127.0.0.1:80"],
    ["[::1]:3000", "http://[::1]:3000"],
    ["localhost", "http://localhost"],
  ])("to %s, %s is this one", (host, origin) => {
    expect(ask({ host, origin })).toBeUndefined();
    expect(ask({ host, origin }, "/api/ingest/orders", "POST")).toBeUndefined();
  });

  it.each([
    "null",
    "",
    "http://evil.example",
    "http://localhost",
    "http://localhost:3001",
    "http://localhost:30000",
    "http://localhost:3000.evil.example",
    "http://evil.example#localhost:3000",
    "http://localhost:3000@evil.example",
    "http://sub.localhost:3000",
    "http://127.0.0.1:3000",
    "http://[::1]:3000",
    "http://localhost:3000/",
    "http://localhost:3000 http://evil.example",
    "ftp://localhost:3000",
    "file://",
    "localhost:3000",
    "http:localhost:3000",
    "chrome-extension://localhost:3000",
  ])("%j is another one and refused, for pages too", (origin) => {
    for (const [method, url] of [
      ["GET", "/api/live/poll"],
      ["GET", "/socket.io/?EIO=4"],
      ["POST", "/api/ingest/orders"],
      ["GET", "/"],
    ] as const)
      expect(ask({ host: HOST, origin }, url, method)).toBe("forbidden_origin");
  });

  it.each(["same-origin", "none"])("without an Origin is told by Sec-Fetch-Site: %s is served", (site) => {
    const headers = { host: HOST, "sec-fetch-site": site };
    for (const url of ["/", "/api/live/poll", "/socket.io/?EIO=4"]) expect(ask(headers, url)).toBeUndefined();
  });

  it.each(["cross-site", "same-site"])(
    "without an Origin, %s may follow a link to a page and no more",
    (site) => {
      const headers = { host: HOST, "sec-fetch-site": site };
      for (const url of ["/", "/business", "/apiary", "/?next=/api/live/poll"]) {
        expect(ask(headers, url)).toBeUndefined();
        expect(ask(headers, url, "HEAD")).toBeUndefined();
        for (const method of ["POST", "PUT", "DELETE", "OPTIONS"])
          expect(ask(headers, url, method)).toBe("forbidden_origin");
      }
      for (const url of [
        "/api/live/poll?channels=orders",
        "/api/live/events",
        "/api/live/snapshot",
        "/api/ingest/orders",
        "/API/live/poll",
        "//api/live/poll",
        "///api/live/poll",
        "/socket.io/?EIO=4&transport=websocket",
      ])
        expect(ask(headers, url), url).toBe("forbidden_origin");
    },
  );

  it("that is the same one is not doubted: an Origin that fits decides", () => {
    const headers = { host: HOST, origin: `http://${HOST}`, "sec-fetch-site": "cross-site" };
    expect(ask(headers)).toBeUndefined();
  });

  it("is unknown for programs, which are served: they are no browser that another site could use", () => {
    expect(ask({ host: HOST }, "/api/ingest/orders", "POST")).toBeUndefined();
  });
});
