import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "@/tests/arch/source-files";

const PAGES = join(ROOT, "app/(dashboard)");

/** The first page has no folder of its own to be called after. */
const FIRST = "overview";

/** The address of every page, by its name: `stock` is `/stock`, `ops/sources` is `/ops/sources`, `overview` is `/`. */
export function pagePaths(): Map<string, string> {
  const files = readdirSync(PAGES, { recursive: true, encoding: "utf8" });
  const folders = files.filter((file) => /(^|\/)page\.tsx$/.test(file)).map((file) => file.slice(0, -9));
  // What has a placeholder in its address is many pages.
  const names = folders.filter((folder) => !folder.includes("[")).sort();
  return new Map(names.map((name) => [name || FIRST, `/${name}`]));
}

/** The address of a page. Throws a sentence that lists all of them when there is none of this name. */
export function pathOf(name: string): string {
  const paths = pagePaths();
  const path = paths.get(name.replace(/^\//, "") || FIRST);
  if (path === undefined)
    throw new Error(`There is no page "${name}". There are: ${[...paths.keys()].join(", ")}`);
  return path;
}

/** The transport that a page fixes, if it does. */
export function fixedRung(path: string): string | undefined {
  const text = readFileSync(join(PAGES, path, "page.tsx"), "utf8");
  return /\btransport="([\w-]+)"/.exec(text)?.[1];
}
