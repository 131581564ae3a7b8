/**
 * The configurations in `deploy/` for a place of their own: only where they listen, which nodes they know and
 * where they keep files is filled in. Throws when a text has no such place, so that what is run stays what is
 * shipped.
 */
export interface ProxyPlace {
  /** On 127.0.0.1. */
  port: number;
  /** The ports of the nodes on 127.0.0.1. */
  nodes: readonly number[];
}

/** `deploy/nginx.conf` with its process id and temporary files in `folder`. */
export function nginxConfig(
  shipped: string,
  { port, nodes, folder }: ProxyPlace & { folder: string },
): string {
  const listening = replaceOnce(shipped, /^( +)listen 127\.0\.0\.1:80;$/gm, `$1listen 127.0.0.1:${port};`);
  const server = /^( +)server 127\.0\.0\.1:\d+ max_fails=0;\n(?: +server .*\n)*/gm;
  const upstream = replaceOnce(listening, server, (_, indent: string) =>
    nodes.map((node) => `${indent}server 127.0.0.1:${node} max_fails=0;\n`).join(""),
  );
  const pid = replaceOnce(upstream, /^pid \/run\/nginx\.pid;$/gm, `pid ${folder}/nginx.pid;`);
  // Only root may say who the workers are, and raise their limits.
  const user = replaceOnce(pid, /^user www-data;\n/gm, "");
  const limits = replaceOnce(user, /^worker_rlimit_nofile \d+;\n/gm, "");
  return replaceAll(limits, /_temp_path \/var\/lib\/nginx\//g, `_temp_path ${folder}/`, 5);
}

/** `deploy/haproxy.cfg`. */
export function haproxyConfig(shipped: string, { port, nodes }: ProxyPlace): string {
  const listening = replaceOnce(shipped, /^( +)bind 127\.0\.0\.1:80$/gm, `$1bind 127.0.0.1:${port}`);
  const servers = /^( +)server node1 127\.0\.0\.1:\d+\n(?: +server .*\n)*/gm;
  const lines = (_: string, indent: string) =>
    nodes.map((node, i) => `${indent}server node${i + 1} 127.0.0.1:${node}\n`).join("");
  return replaceAll(listening, servers, lines, 3);
}

type Replacement = string | ((match: string, ...groups: string[]) => string);

function replaceOnce(text: string, pattern: RegExp, replacement: Replacement): string {
  return replaceAll(text, pattern, replacement, 1);
}

function replaceAll(text: string, pattern: RegExp, replacement: Replacement, times: number): string {
  const found = text.match(pattern)?.length ?? 0;
  if (found !== times) throw new Error(`the configuration has ${found} places like ${pattern}, not ${times}`);
  return text.replace(pattern, replacement as never);
}
