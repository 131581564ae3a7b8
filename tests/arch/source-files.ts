import { readdirSync, readFileSync } from "node:fs";
import { join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const NOT_OURS = new Set(["node_modules", ".next", ".git", "data", ".output", "test-results"]);

/** All TypeScript files of the project, as paths from its root with forward slashes. */
export function sourceFiles(): string[] {
  const found: string[] = [];
  const walk = (folder: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!NOT_OURS.has(entry.name)) walk(path);
      } else if (/\.tsx?$/.test(entry.name) && entry.name !== "next-env.d.ts") {
        found.push(relative(ROOT, path).split("\\").join("/"));
      }
    }
  };
  walk(ROOT);
  return found.sort();
}

export function readSource(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

const SPECIFIER =
  /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*|\bvi\.mock\s*\(\s*)(["'`])([^"'`\s|]+)\1/g;

/**
 * What a source text imports, types, re-exports and dynamic imports included. Comments do not count. A
 * string that reads like an import counts too, which errs on the safe side.
 */
export function specifiersOf(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, "");
  return [...code.matchAll(SPECIFIER)].map((match) => match[2]!);
}

/**
 * What a file imports: a path from the root without extension for the project's own files, else the name
 * of the package or of the Node module (`node:fs`).
 */
export function importsOf(path: string): string[] {
  return specifiersOf(readSource(path)).map((specifier) => {
    if (specifier.startsWith("@/")) return specifier.slice(2);
    if (specifier.startsWith(".")) return posix.join(posix.dirname(path), specifier);
    return specifier;
  });
}
