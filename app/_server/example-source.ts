import "server-only";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

const FOLDER = "app/(dashboard)/docs/widgets/examples";

/** The text of an example of the gallery, as it is built and run. */
export function readExample(name: string): Promise<string> {
  return readFile(join(process.cwd(), FOLDER, `${name}.tsx`), "utf8");
}
