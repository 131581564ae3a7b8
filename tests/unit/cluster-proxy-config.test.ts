import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { haproxyConfig, nginxConfig } from "@/lib/cluster/proxy-config";
import { ROOT } from "../arch/source-files";

const nginx = readFileSync(join(ROOT, "deploy/nginx.conf"), "utf8");
const haproxy = readFileSync(join(ROOT, "deploy/haproxy.cfg"), "utf8");

/** The lines that one text has and the other has not. */
function difference(a: string, b: string): string[] {
  const other = new Set(b.split("\n"));
  return a.split("\n").filter((line) => !other.has(line));
}

describe("the proxies' configurations", () => {
  it("are filled in for nginx at the places named, and nowhere else", () => {
    const filled = nginxConfig(nginx, { port: 4000, nodes: [4001, 4002], folder: "/tmp/x" });
    expect(difference(filled, nginx).map((line) => line.trim())).toEqual([
      "pid /tmp/x/nginx.pid;",
      "client_body_temp_path /tmp/x/body;",
      "proxy_temp_path /tmp/x/proxy;",
      "fastcgi_temp_path /tmp/x/fastcgi;",
      "uwsgi_temp_path /tmp/x/uwsgi;",
      "scgi_temp_path /tmp/x/scgi;",
      "server 127.0.0.1:4001 max_fails=0;",
      "server 127.0.0.1:4002 max_fails=0;",
      "listen 127.0.0.1:4000;",
    ]);
    expect(difference(nginx, filled)).toHaveLength(12);
  });

  it("are filled in for HAProxy at the places named, and nowhere else", () => {
    const filled = haproxyConfig(haproxy, { port: 4000, nodes: [4001] });
    expect([...new Set(difference(filled, haproxy))]).toEqual([
      "    bind 127.0.0.1:4000",
      "    server node1 127.0.0.1:4001",
    ]);
    expect(filled.match(/server node/g)).toHaveLength(3);
    expect(difference(haproxy, filled)).toHaveLength(10);
  });

  it("are refused when a place is missing", () => {
    const place = { port: 1, nodes: [2], folder: "/tmp/x" };
    expect(() => nginxConfig(nginx.replace("listen 127.0.0.1:80;", "listen 127.0.0.1:81;"), place)).toThrow(
      /has 0 places like .*listen 127/,
    );
    expect(() => haproxyConfig(haproxy.replace("server node1", "server first"), place)).toThrow(
      /has 2 places like .*node1.*, not 3/,
    );
  });
});
