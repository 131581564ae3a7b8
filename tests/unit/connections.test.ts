import { expect, it } from "vitest";
import { createConnections, type OpenConnection } from "@/lib/server/cluster/connections";
import { MAX_CONNECTIONS, worthTelling } from "@/lib/server/cluster/report";

function setUp() {
  const clock = { now: 1000 };
  const connections = createConnections("abcdefgh", () => clock.now);
  const ended: string[] = [];
  const open = (change: Partial<OpenConnection> = {}): OpenConnection => ({
    transport: "socket",
    lagMs: () => 0,
    bufferedBytes: () => 0,
    disconnect: () => void ended.push(change.page ?? ""),
    ...change,
  });
  return { clock, connections, open, ended };
}

it("the registry reads a connection's figures when it is asked, and forgets it when it is gone", () => {
  const { clock, connections, open } = setUp();
  let lag: number | null = 0;
  const remove = connections.add(open({ page: "/a", address: "10.0.0.1", lagMs: () => lag }));
  clock.now = 5000;
  lag = 700;
  expect(connections.list()).toEqual([
    {
      id: "abcdefgh-1",
      transport: "socket",
      page: "/a",
      address: "10.0.0.1",
      since: 1000,
      lagMs: 700,
      bufferedBytes: 0,
    },
  ]);
  remove();
  remove();
  expect(connections.list()).toEqual([]);
});

it("the registry ends the one that is asked for, and says when there is none", () => {
  const { connections, open, ended } = setUp();
  connections.add(open({ page: "/a" }));
  connections.add(open({ page: "/b" }));
  expect(connections.disconnect("abcdefgh-2")).toBe(true);
  expect(ended).toEqual(["/b"]);
  expect(connections.disconnect("abcdefgh-3")).toBe(false);
});

it("a viewer who long-polls stays one entry over many requests, and goes when no more come", () => {
  const { clock, connections, open, ended } = setUp();
  const hold = (page: string) => connections.add(open({ transport: "long-poll", page }));
  const end = hold("/a");
  clock.now += 10_000;
  end();
  expect(connections.list()).toMatchObject([{ id: "abcdefgh-1", since: 1000 }]);
  // Between two requests there is nothing to end, and the viewer comes again anyway.
  expect(connections.disconnect("abcdefgh-1")).toBe(true);
  expect(ended).toEqual([]);
  clock.now += 100;
  const other = hold("/b");
  const again = hold("/a");
  expect(connections.list()).toMatchObject([{ id: "abcdefgh-1", since: 1000 }, { id: "abcdefgh-2" }]);
  expect(connections.disconnect("abcdefgh-1")).toBe(true);
  expect(ended).toEqual(["/a"]);
  // The end of a request that is long over ends nothing.
  end();
  clock.now += 5000;
  expect(connections.list()).toHaveLength(2);
  again();
  other();
  clock.now += 5000;
  expect(connections.list()).toEqual([]);
  expect(connections.disconnect("abcdefgh-1")).toBe(false);
});

it("of too many connections those that need it are told: behind, then full, then new", () => {
  const plain = Array.from({ length: 1000 }, (_, since) => ({ since, lagMs: 0, bufferedBytes: 0 }));
  const behind = { since: 0, lagMs: 500, bufferedBytes: 0 };
  const lost = { since: 0, lagMs: null, bufferedBytes: 0 };
  const full = { since: 0, lagMs: 0, bufferedBytes: 9 };
  const told = worthTelling([...plain, full, behind, lost]);
  expect(told).toHaveLength(MAX_CONNECTIONS);
  expect(told.slice(0, 4)).toEqual([lost, behind, full, plain.at(-1)]);
  expect(worthTelling(plain.slice(0, 3))).toEqual(plain.slice(0, 3));
});
