import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const PAGES_FOLDER = fileURLToPath(new URL("../../app/(dashboard)", import.meta.url));

/**
 * The path of every page that shows data, whether the navigation leads there or not: a new folder is a new page.
 * Throws for one with a parameter, which would need a value.
 */
export function allPages(): string[] {
  const paths = readdirSync(PAGES_FOLDER, { recursive: true, encoding: "utf8" })
    .filter((file) => /(^|\/)page\.tsx$/.test(file))
    .map((file) => `/${file.replace(/\/?page\.tsx$/, "")}`);
  const open = paths.find((path) => path.includes("["));
  if (open) throw new Error(`what is ${open} to be tried with?`);
  return paths.sort();
}
