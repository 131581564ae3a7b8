import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "./source-files";

interface LockedPackage {
  version: string;
  resolved?: string;
  integrity?: string;
  /** Comes inside its parent's archive, so the parent's hash covers it. */
  inBundle?: boolean;
  hasInstallScript?: boolean;
}

const read = (file: string) => JSON.parse(readFileSync(join(ROOT, file), "utf8"));
const manifest: { allowScripts?: Record<string, boolean> } = read("package.json");
const { "": _project, ...locked }: Record<string, LockedPackage> = read("package-lock.json").packages;
const packages = Object.entries(locked).map(([path, entry]) => ({ path, name: nameOf(path), ...entry }));

/** `node_modules/a/node_modules/@b/c` is `@b/c`. */
function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
}

/** The oldest versions without a known hole. They hold wherever in the tree a package is. */
const FLOORS: Record<string, string> = {
  next: "16.4.6",
  react: "19.3.1",
  "react-dom": "19.3.1",
  "react-server-dom-webpack": "19.3.1",
  "react-server-dom-turbopack": "19.3.1",
  "engine.io": "6.6.10",
  "socket.io-parser": "4.2.7",
  ws: "8.21.1",
  "better-auth": "1.7.25",
  zod: "4.6.7",
};

function isBelow(version: string, floor: string): boolean {
  const parts = (text: string) => text.split("-")[0]!.split(".").map(Number);
  const [a, b] = [parts(version), parts(floor)];
  const differs = a.findIndex((part, i) => part !== b[i]);
  return differs >= 0 && a[differs]! < b[differs]!;
}

describe("the lock file", () => {
  it("has packages to look at", () => {
    expect(packages.length).toBeGreaterThan(100);
    for (const name of ["next", "engine.io", "socket.io-parser", "ws", "zod"])
      expect(packages.some((entry) => entry.name === name)).toBe(true);
  });

  it("pins every package by its hash", () => {
    const isPinned = (entry: LockedPackage) => entry.inBundle || /^sha512-/.test(entry.integrity ?? "");
    expect(packages.filter((entry) => !isPinned(entry)).map((entry) => entry.path)).toEqual([]);
  });

  it("names no other source of packages than npm's registry", () => {
    // Without an address, npm asks the registry that it is set to, and the hash must fit all the same.
    const isElsewhere = ({ resolved }: LockedPackage) =>
      resolved !== undefined && !resolved.startsWith("https://registry.npmjs.org/");
    expect(packages.filter(isElsewhere).map((entry) => entry.path)).toEqual([]);
  });

  it("has install scripts only where package.json approves of them", () => {
    const approved = manifest.allowScripts ?? {};
    const scripted = packages.filter((entry) => entry.hasInstallScript);
    expect(scripted.length).toBeGreaterThan(0);
    expect(scripted.filter((entry) => approved[entry.name] !== true).map((entry) => entry.path)).toEqual([]);
    const names = new Set(packages.map((entry) => entry.name));
    expect(Object.keys(approved).filter((name) => !names.has(name))).toEqual([]);
  });

  it("holds no version with a known hole", () => {
    const holed = packages.filter(({ name, version }) => FLOORS[name] && isBelow(version, FLOORS[name]));
    expect(holed.map(({ path, version }) => `${path} ${version}`)).toEqual([]);
  });

  it("compares versions number by number", () => {
    expect(isBelow("8.9.0", "8.21.1")).toBe(true);
    expect(isBelow("8.21.1", "8.21.1")).toBe(false);
    expect(isBelow("9.0.0", "8.21.1")).toBe(false);
    expect(isBelow("8.21.0", "8.21.1")).toBe(true);
  });
});
