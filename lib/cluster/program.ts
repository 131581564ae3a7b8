import { accessSync, constants } from "node:fs";
import { join } from "node:path";

/** Where Debian keeps servers; not on everybody's path. */
const SERVER_FOLDERS = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/**
 * The file of a program that the system must have. Throws with the Debian package to install when it is on no path.
 */
export function findProgram(name: string, debianPackage = name): string {
  const folders = [...(process.env.PATH ?? "").split(":").filter(Boolean), ...SERVER_FOLDERS];
  const file = folders.map((folder) => join(folder, name)).find(isExecutable);
  if (file) return file;
  throw new Error(
    `${name} is not installed. On Debian: sudo apt-get install --no-install-recommends ${debianPackage}`,
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
