import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defineChannel } from "@/lib/shared/define-channel";
import { gauges, testChannels } from "../support/live-channels";
import { type LiveServer, startLiveServer } from "../support/live-server";

const HOUR = 3_600_000;
/** More metrics than may be asked for at once. */
const wide = defineChannel({
  ...gauges,
  kind: "record",
  name: "wide",
  metrics: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`m${i}`, gauges.metrics.a])),
});

let server: LiveServer;
beforeAll(async () => {
  server = await startLiveServer({ archives: true, channels: [...testChannels, wide] });
});
afterAll(() => server.close());

describe("GET /api/history", () => {
  it.each([
    ["no channel", { channel: undefined }, 400, "bad_request", "channel"],
    ["an unknown channel", { channel: "nothing" }, 404, "unknown_channel", "channel"],
    ["a table", { channel: "stock" }, 400, "bad_request", "channel"],
    ["a feed", { channel: "visits" }, 400, "bad_request", "channel"],
    ["an unknown metric", { metrics: "a,nothing" }, 400, "bad_request", "metrics"],
    ["a name of objects", { metrics: "constructor" }, 400, "bad_request", "metrics"],
    ["an empty name", { metrics: "a," }, 400, "bad_request", "metrics"],
    ["too many metrics", { channel: "wide" }, 400, "bad_request", "metrics"],
    ["no from", { from: undefined }, 400, "invalid_range", "from"],
    ["no to", { to: undefined }, 400, "invalid_range", "to"],
    ["words", { from: "yesterday" }, 400, "invalid_range", "from"],
    ["no zone", { from: "2026-01-01T00:00:00" }, 400, "invalid_range", "from"],
    ["a day that is none", { to: "2026-02-30T00:00:00Z" }, 400, "invalid_range", "to"],
    ["a time before 1970", { from: "1969-12-31T23:00:00Z" }, 400, "invalid_range", "from"],
    ["a negative time", { from: -1 }, 400, "invalid_range", "from"],
    ["a fraction", { from: "1.5" }, 400, "invalid_range", "from"],
    ["a hex number", { from: "0x10" }, 400, "invalid_range", "from"],
    ["an empty range", { from: 1000, to: 1000 }, 400, "invalid_range", "from"],
    ["a range that goes back", { from: 2000, to: 1000 }, 400, "invalid_range", "from"],
    ["three years", { from: 0, to: 3 * 365 * 24 * HOUR }, 400, "invalid_range", "from"],
    ["the future", { to: 8_000_000_000_000, from: 7_999_999_999_000 }, 400, "invalid_range", "to"],
    ["no points", { points: 0 }, 400, "bad_request", "points"],
    ["too many points", { points: 2001 }, 400, "bad_request", "points"],
    ["half a point", { points: 1.5 }, 400, "bad_request", "points"],
    ["points in words", { points: "many" }, 400, "bad_request", "points"],
    ["empty points", { points: "" }, 400, "bad_request", "points"],
  ])("[T6][A3] refuses %s, and says which field is wrong", async (_, query, status, code, field) => {
    const all = { channel: "gauges", from: Date.now() - 60_000, to: Date.now(), ...query };
    const given = Object.entries(all).filter(([, value]) => value !== undefined);
    const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
    const response = await server.get(`/api/history?${search}`);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.json()).toMatchObject({ status, code, field, detail: expect.any(String) });
    expect(response.status).toBe(status);
  });
});
