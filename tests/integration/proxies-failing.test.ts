import { once } from "node:events";
import { request, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startHaproxy } from "../support/haproxy";
import { eventually } from "../support/live-wait";
import { type ShippedProxy, startNginx } from "../support/nginx";
import { type StubNode, startStubNode } from "../support/stub-node";

const START = { nginx: startNginx, haproxy: startHaproxy };

describe.each(Object.entries(START))("%s before nodes that fail", (name, startProxy) => {
  let nodes: StubNode[];
  let proxy: ShippedProxy;
  beforeEach(async () => {
    nodes = await Promise.all(["one", "two"].map(startStubNode));
    proxy = await startProxy(nodes.map(({ port }) => port));
  });
  afterEach(async () => {
    await proxy.close();
    await Promise.all(nodes.map((node) => node.close()));
  });

  const asked = (method: string) =>
    nodes.flatMap(({ requests }) => requests).filter((seen) => seen.method === method);
  const get = async (path = "/") => {
    const answer = await fetch(proxy.url + path);
    return { status: answer.status, text: await answer.text() };
  };
  const post = (body = "{}") =>
    fetch(`${proxy.url}/api/ingest/gauges`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body,
    });
  const postAndRead = async () => {
    const answer = await post();
    await answer.text();
    return answer;
  };
  const texts = async (times: number, path?: string) => {
    const answers = [];
    for (let i = 0; i < times; i++) answers.push(await get(path));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    return new Set(answers.map(({ text }) => text));
  };

  it("tells them who asks, whatever a viewer says about that", async () => {
    const forged = {
      "X-Forwarded-For": "6.6.6.6",
      "X-Forwarded-Proto": "https",
      "X-Forwarded-Host": "evil.example",
      "X-Forwarded-Port": "666",
      "X-Real-IP": "6.6.6.6",
      Forwarded: "for=6.6.6.6",
      "X-Request-Id": "forged-request",
    };
    for (const path of [
      "/",
      "/api/live/events?channels=a",
      "/api/live/poll?channels=a",
      "/_next/static/a.js",
    ]) {
      const req = request(proxy.url + path, { headers: forged, agent: false }).end();
      const [response] = await once(req, "response");
      response.resume();
    }
    const upload = request(`${proxy.url}/api/ingest/a`, { method: "POST", headers: forged, agent: false });
    upload.end("{}");
    (await once(upload, "response"))[0].resume();
    const upgrade = connect(proxy.port, "127.0.0.1").on("error", () => {});
    const head = Object.entries(forged).map(([key, value]) => `${key}: ${value}\r\n`);
    upgrade.write(
      `GET /socket.io/?EIO=4 HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${head.join("")}\r\n`,
    );
    await once(upgrade, "data");
    upgrade.destroy();
    const seen = nodes.flatMap(({ requests }) => requests);
    expect(seen).toHaveLength(6);
    for (const { url, headers } of seen) {
      expect(headers["x-forwarded-for"], url).toBe("127.0.0.1");
      expect(headers["x-forwarded-proto"], url).toBe("http");
      expect(headers["x-request-id"], url).toMatch(/^[0-9a-f-]{32,36}$/);
      expect(headers.host, url).toBe(`127.0.0.1:${proxy.port}`);
      for (const header of ["x-forwarded-host", "x-forwarded-port", "x-real-ip", "forwarded"])
        expect(headers, url).not.toHaveProperty(header);
    }
    expect(seen.filter(({ headers }) => headers.upgrade === "websocket")).toHaveLength(1);
  });

  it("keeps nothing back of an answer that goes on, even if nobody says that it must not", async () => {
    const streams: ServerResponse[] = [];
    for (const node of nodes)
      node.answer = (_req, res) => {
        streams.push(res.writeHead(200, { "Content-Type": "text/event-stream" }));
        res.flushHeaders();
      };
    const req = request(`${proxy.url}/api/live/events?channels=a`, {
      headers: { "Accept-Encoding": "gzip" },
      agent: false,
    }).end();
    const [response] = await once(req, "response");
    expect(response.headers["content-encoding"]).toBeUndefined();
    let text = "";
    response.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    let sent = "";
    for (const n of [1, 2, 3]) {
      sent += `data: ${n}\n\n`;
      streams[0]!.write(`data: ${n}\n\n`);
      await eventually(() => expect(text).toBe(sent));
    }
    req.destroy();
  });

  it("asks the other node when one is down: nobody sees an error", async () => {
    expect(await texts(10)).toEqual(new Set(["one", "two"]));
    await nodes[0]!.close();
    expect(await texts(30)).toEqual(new Set(["two"]));
    expect((await post()).status).toBe(200);
  });

  it("asks the other node when one breaks off a GET", async () => {
    nodes[0]!.answer = (req) => req.socket.destroy();
    expect(await texts(10)).toEqual(new Set(["two"]));
    expect(nodes[0]!.requests.length).toBeGreaterThan(2);
  });

  it("asks the other node when one is without its log", async () => {
    nodes[0]!.isReady = false;
    nodes[0]!.answer = (_req, res) => res.writeHead(503).end();
    // HAProxy learns it from its next checks, nginx from each answer.
    if (name === "haproxy")
      await eventually(async () => {
        for (let i = 0; i < 4; i++) expect((await get()).status).toBe(200);
      });
    expect(await texts(20, "/api/live/snapshot?channels=a")).toEqual(new Set(["two"]));
    expect(nodes[0]!.requests.length).toBeGreaterThan(0);
  });

  it("never sends a POST twice that a node may have stored", async () => {
    for (const node of nodes)
      node.answer = (req) => {
        // As one does that was killed between the commit and its answer.
        req.resume().on("end", () => req.socket.destroy());
      };
    const { status } = await post();
    expect(status).toBe(502);
    expect(asked("POST")).toHaveLength(1);
    for (const node of nodes) node.answer = (_req, res) => res.writeHead(503).end("no log");
    const answer = await post();
    expect([answer.status, await answer.text()]).toEqual([503, "no log"]);
    expect(asked("POST")).toHaveLength(2);
  });

  it("passes on what the nodes say when none has its log", async () => {
    for (const node of nodes) {
      node.isReady = false;
      node.answer = (_req, res) =>
        res.writeHead(503, { "Content-Type": "application/problem+json", "Retry-After": "5" }).end("no log");
    }
    // Long enough for any check to have seen it.
    const end = Date.now() + 4000;
    while (Date.now() < end) {
      const answer = await fetch(`${proxy.url}/api/live/poll?channels=a`);
      expect(answer.status).toBe(503);
      expect(answer.headers.get("retry-after")).toBe("5");
      expect(await answer.text()).toBe("no log");
      await sleep(50);
    }
    for (const node of nodes) node.answer = (_req, res) => res.end("page");
    expect(await texts(3)).toEqual(new Set(["page"]));
  });

  it("asks another node for code that one does not have, as while a new build is rolled out", async () => {
    nodes[0]!.answer = (_req, res) => res.writeHead(404).end("no such code");
    expect(await texts(10, "/_next/static/chunks/a.js")).toEqual(new Set(["two"]));
    expect(nodes[0]!.requests.length).toBeGreaterThan(0);
    nodes[1]!.answer = nodes[0]!.answer;
    expect(await get("/_next/static/chunks/a.js")).toEqual({ status: 404, text: "no such code" });
    // Elsewhere a 404 is an answer like any other.
    const before = asked("GET").length;
    expect((await get("/nowhere")).status).toBe(404);
    expect(asked("GET")).toHaveLength(before + 1);
  });

  it("sends nobody an error while a node stops", async () => {
    let isOver = false;
    const statuses = new Set<string>();
    const flow = async (method: string, send: () => Promise<{ status: number }>) => {
      while (!isOver) {
        statuses.add(`${method} ${(await send()).status}`);
        await sleep(5);
      }
    };
    const flows = [flow("GET", get), flow("GET", get), flow("POST", postAndRead)];
    const [stopping] = nodes as [StubNode];
    // What the product does: for some seconds it says that it is not ready, and keeps no connection open.
    stopping.isReady = false;
    stopping.answer = (req, res) => {
      req.resume().on("end", () => res.writeHead(200, { Connection: "close" }).end("one"));
    };
    if (name === "haproxy") {
      await vi.waitUntil(
        async () => {
          const { length } = stopping.requests;
          await sleep(500);
          return stopping.requests.length === length;
        },
        { timeout: 10_000 },
      );
    } else await sleep(3000);
    await stopping.stop();
    const left = nodes[1]!.requests.length;
    await eventually(() => expect(nodes[1]!.requests.length).toBeGreaterThan(left + 20));
    isOver = true;
    await Promise.all(flows);
    // nginx does not know that a node will stop. What connects in the very moment in which it does is reset, and
    // a POST is then nothing that a proxy may send again.
    if (name === "nginx") statuses.delete("POST 502");
    expect([...statuses].sort()).toEqual(["GET 200", "POST 200"]);
  });

  it("takes no metrics to the outside", async () => {
    expect((await get("/metrics")).status).toBe(404);
    expect(asked("GET")).toEqual([]);
  });

  it("logs nothing when all is well", async () => {
    await texts(5);
    await eventually(() => expect(proxy.output()).not.toMatch(/warn|alert|error|emerg/i));
  });
});
