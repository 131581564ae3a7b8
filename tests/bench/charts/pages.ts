import { readdirSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const PAGES = fileURLToPath(new URL("./page/", import.meta.url));
const NAMES = ["nowboard", "naive", "empty"] as const;
export type PageName = (typeof NAMES)[number];

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".woff2": "font/woff2",
};

/** Bundles the pages into `folder` as a production build does: minified, with React's production code. */
export async function buildPages(folder: string): Promise<void> {
  await build({
    configFile: false,
    logLevel: "error",
    root: PAGES,
    mode: "production",
    define: { "process.env.NEXT_DEPLOYMENT_ID": "undefined" },
    resolve: {
      alias: [
        { find: /^@\//, replacement: ROOT },
        { find: "next/navigation", replacement: join(PAGES, "next-navigation.ts") },
        { find: "next/link", replacement: join(PAGES, "next-link.tsx") },
      ],
    },
    build: {
      target: "esnext",
      outDir: folder,
      rolldownOptions: { input: NAMES.map((name) => join(PAGES, `${name}.html`)) },
    },
  });
}

/** Answers with the files of `folder`; false for a path that is none of them. */
export function servePages(folder: string): (req: IncomingMessage, res: ServerResponse) => boolean {
  const files = new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [`/${relative(folder, path).split(sep).join("/")}`, readFileSync(path)]),
  );
  return (req, res) => {
    const path = new URL(req.url ?? "/", "http://bench").pathname;
    const body = files.get(path);
    if (body) res.writeHead(200, { "Content-Type": TYPES[extname(path)] ?? "text/plain" }).end(body);
    return body !== undefined;
  };
}
