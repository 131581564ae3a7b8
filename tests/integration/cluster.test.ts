import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, startCluster } from "@/lib/cluster/cluster";
import { type FrameReader, TRANSPORTS } from "../support/live-reader";
import type { LiveServer } from "../support/live-server";
import { eventually } from "../support/live-wait";
import { startProducer } from "../support/producer";

let cluster: Cluster;
const lines: string[] = [];
beforeAll(async () => {
  cluster = await startCluster({ nodes: 2, print: (part, line) => lines.push(`${part}: ${line}`) });
}, 120_000);
afterAll(() => cluster.close());

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** The cluster for readers that know nothing but an address. */
function asServer(): LiveServer {
  const { url } = cluster;
  return { url, get: (path: string, init?: RequestInit) => fetch(url + path, init) } as LiveServer;
}

async function pidBehind(): Promise<unknown> {
  return (await fetch(`${cluster.url}/readyz`)).status;
}

describe("a cluster", () => {
  it("[K1] shows on every node what was sent to any", async () => {
    const answer = await fetch(`${cluster.nodes[0]!.url}/api/ingest/notices`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ title: "to the first" }),
    });
    expect(answer.status).toBe(202);
    const { cursor } = await answer.json();
    for (const url of [...cluster.nodes.map((node) => node.url), cluster.url]) {
      const poll = await fetch(`${url}/api/live/poll?channels=notices&cursor=${cursor}&wait=0`);
      expect(poll.status, url).toBe(304);
      const snapshot = await (await fetch(`${url}/api/live/snapshot?channels=notices`)).json();
      expect(JSON.stringify(snapshot), url).toContain("to the first");
    }
    const page = await (await fetch(`${cluster.url}/business`)).text();
    expect(page).toContain("</html>");
  });

  it("[T2] streams events uncompressed through Next and nginx", async () => {
    const abort = new AbortController();
    const answer = await fetch(`${cluster.url}/api/live/events?channels=notices`, {
      headers: { "Accept-Encoding": "gzip, br" },
      signal: abort.signal,
    });
    expect(answer.headers.get("content-encoding")).toBeNull();
    const { value } = await answer.body!.getReader().read();
    expect(new TextDecoder().decode(value)).toContain("retry:");
    abort.abort();
  });

  it("starts a node again that was killed, and leaves one alone that was stopped", async () => {
    const [first, second] = cluster.nodes as [(typeof cluster.nodes)[0], (typeof cluster.nodes)[0]];
    const { pid } = first;
    process.kill(pid, "SIGKILL");
    await eventually(() => expect(isAlive(pid)).toBe(false));
    await expect(fetch(`${cluster.url}/`).then(({ status }) => status)).resolves.toBe(200);
    await expect
      .poll(
        () =>
          fetch(`${first.url}/readyz`).then(
            ({ ok }) => ok,
            () => false,
          ),
        { timeout: 30_000 },
      )
      .toBe(true);
    expect(first.pid).not.toBe(pid);
    expect(lines.filter((line) => /ended unexpectedly/.test(line))).toEqual([
      expect.stringMatching(/^node 1: ended unexpectedly \(SIGKILL\); starting it again in 0\.\d s$/),
    ]);
    await second.kill9();
    expect(() => second.pid).toThrow("node 2 does not run");
    await sleep(1500);
    await expect(fetch(second.url)).rejects.toThrow();
    await second.start();
    expect(isAlive(second.pid)).toBe(true);
    expect(await pidBehind()).toBe(200);
  });

  it("[H6][T8] restarts one node after the other while viewers read and producers send, and nobody notices", async () => {
    const producer = startProducer(cluster, { everyMs: 40 });
    const statuses = new Map<number, number>();
    let isOver = false;
    const viewers = [1, 2].map(async () => {
      while (!isOver) {
        const answer = await fetch(`${cluster.url}/business`);
        await answer.text();
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        await sleep(20);
      }
    });
    const reader: FrameReader = TRANSPORTS.poll!(asServer(), { channels: ["orders"] });
    const pids = cluster.nodes.map(({ pid }) => pid);
    await cluster.rollingRestart();
    expect(cluster.nodes.map(({ pid }) => pid).some((pid) => pids.includes(pid))).toBe(false);
    const sent = await producer.stop();
    isOver = true;
    await Promise.all(viewers);
    expect([...statuses.keys()]).toEqual([200]);
    expect(statuses.get(200)).toBeGreaterThan(50);
    // Every order once, in order, over plain polls that went to any node that was there.
    const items = () =>
      reader.frames.flatMap(({ updates = [] }) => updates.flatMap((update) => update.items ?? []));
    await eventually(() =>
      expect(items().at(-1)).toMatchObject({ order: `N-${String(sent).padStart(5, "0")}` }),
    );
    reader.close();
    expect(reader.refusal).toBeUndefined();
    const numbers = items().map(({ order }) => Number(String(order).slice(2)));
    expect(numbers).toEqual(numbers.map((_, i) => numbers[0]! + i));
    expect(numbers.length).toBeGreaterThan(50);
    for (const node of cluster.nodes)
      expect(
        (await (await fetch(`${node.url}/api/live/snapshot?channels=orders`)).json()).snapshot.orders.count,
      ).toBe(sent);
  }, 120_000);
});

it("[H6] a cluster ends its nodes first, then nginx and Redis, and leaves nothing behind", async () => {
  const lines: string[] = [];
  const small = await startCluster({ nodes: 1, print: (_part, line) => lines.push(line) });
  const pids = [small.nodes[0]!.pid, small.nginx.pid, small.redis!.pid];
  const stream = await fetch(`${small.url}/api/live/events?channels=orders`);
  const text = stream.text();
  await small.close();
  // Through nginx, which was still there; and what a node stores at its end went to Redis.
  expect(await text).toContain("event: moved");
  expect(lines.filter((line) => /"level":[45]0/.test(line))).toEqual([]);
  expect(pids.filter(isAlive)).toEqual([]);
  expect(existsSync(small.folder)).toBe(false);
});

it("a cluster whose nodes cannot start says why, and leaves nothing behind", async () => {
  const failing = startCluster({ nodes: 1, env: { NOWBOARD_LOG_MINUTES: "1" } });
  await expect(failing).rejects.toThrow(
    /node 1 ended[\s\S]*NOWBOARD_LOG_MINUTES: the log keeps at least 15 minutes/,
  );
});

it("a cluster says which package is missing", async () => {
  const { PATH } = process.env;
  const { findProgram } = await import("@/lib/cluster/program");
  expect(findProgram("nginx")).toMatch(/\/nginx$/);
  expect(() => findProgram("redis-serverless", "redis-server")).toThrow(
    "redis-serverless is not installed. On Debian: sudo apt-get install --no-install-recommends redis-server",
  );
  process.env.PATH = "";
  expect(findProgram("nginx")).toMatch(/sbin\/nginx$/);
  process.env.PATH = PATH;
});
