import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Writes all files (text by path), or none of them: what was there before is put back when one cannot be written. */
export function writeAll(files: Record<string, string>): void {
  const undo: (() => void)[] = [];
  try {
    for (const [path, text] of Object.entries(files)) {
      const before = existsSync(path) ? readFileSync(path) : undefined;
      const made = mkdirSync(dirname(path), { recursive: true });
      if (made) undo.push(() => rmSync(made, { recursive: true, force: true }));
      undo.push(() => (before ? writeFileSync(path, before) : rmSync(path, { force: true })));
      writeFileSync(path, text);
    }
  } catch (error) {
    for (const step of undo.reverse()) step();
    throw new Error(`Nothing was changed: ${(error as Error).message}`, { cause: error });
  }
}
