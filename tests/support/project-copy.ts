import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../arch/source-files";

/** What a tree needs to be built and started. */
const PARTS = [
  "app",
  "components",
  "lib",
  "public",
  "server.ts",
  "next.config.mjs",
  "postcss.config.mjs",
].concat("tsconfig.json", "package.json", "package-lock.json");

export interface ProjectCopy {
  /** The root of its tree. */
  root: string;
  /** Changes a text in a file; throws when the file does not say it. */
  edit(file: string, from: string, to: string): void;
  remove(): void;
}

/** A copy of this tree, without its build, that may be changed. `more` names further parts. */
export function copyProject(more: readonly string[] = []): ProjectCopy {
  const root = mkdtempSync(join(tmpdir(), "nowboard-copy-"));
  const remove = () => rmSync(root, { recursive: true, force: true });
  try {
    for (const part of [...PARTS, ...more])
      cpSync(join(ROOT, part), join(root, part), { recursive: true, filter: isSource });
    copyModules(join(ROOT, "node_modules"), join(root, "node_modules"));
  } catch (error) {
    remove();
    throw error;
  }
  return {
    root,
    remove,
    edit(file, from, to) {
      const text = readFileSync(join(root, file), "utf8");
      if (!text.includes(from)) throw new Error(`${file} does not say ${from}`);
      writeFileSync(
        join(root, file),
        text.replaceAll(from, () => to),
      );
    },
  };
}

/** Reports and traces are not. */
function isSource(path: string): boolean {
  return !/\/\.(output|report)(\/|$)/.test(path);
}

/** Hard links take no time and no space; across file systems it has to be a real copy. */
function copyModules(from: string, to: string): void {
  try {
    execFileSync("cp", ["-al", from, to], { stdio: "ignore" });
  } catch {
    rmSync(to, { recursive: true, force: true });
    execFileSync("cp", ["-a", from, to]);
  }
}
