import { describe, expect, it } from "vitest";
import { importsOf, readSource, sourceFiles, specifiersOf } from "./source-files";

const OURS = /^(app|components|lib|tests|server$)(\/|$)/;
const files = sourceFiles();

interface Direction {
  name: string;
  /** The files that the rule is about. */
  of: RegExp;
  /** What of the project they may import, and nothing else. */
  only?: RegExp;
  /** What of npm and Node they may import, and nothing else. */
  onlyPackages?: RegExp;
  /** What they may not import. */
  never?: RegExp;
}

const DIRECTIONS: Direction[] = [
  {
    name: "lib/shared runs anywhere: it imports only zod",
    of: /^lib\/shared\//,
    only: /^lib\/shared\//,
    onlyPackages: /^zod$/,
  },
  {
    name: "lib/channels imports only lib/shared and lib/channels",
    of: /^lib\/channels\//,
    only: /^lib\/(shared|channels)\//,
    onlyPackages: /^zod$/,
  },
  {
    name: "lib/client imports only lib/shared and socket.io-client",
    of: /^lib\/client\//,
    only: /^lib\/(shared|client)\//,
    onlyPackages: /^socket\.io-client$/,
  },
  {
    name: "components import only lib/shared, lib/client and components, and nothing of Node",
    of: /^components\//,
    only: /^(lib\/(shared|client)|components)\//,
    never: /^(node:|server-only$)/,
  },
  {
    name: "app imports only components, lib/channels, lib/shared and app, lib/server through app/_server",
    of: /^app\/(?!_server\/)/,
    only: /^(components|lib\/channels|lib\/shared|app)\//,
    never: /^node:/,
  },
  {
    name: "pages know no source's declaration: what it asks, and where, stays on the server",
    of: /^(app|components|lib\/client)\//,
    never: /^lib\/(channels\/(source-registry$|.*\.source$)|shared\/sources\/)/,
  },
  // Templates of new files have imports in their texts.
  {
    name: "lib imports neither components nor app",
    of: /^lib\/(?!new\/templates)/,
    never: /^(components|app)\//,
  },
  { name: "nothing but tests imports tests", of: /^(?!tests\/|lib\/new\/templates)/, never: /^tests\// },
  {
    name: "the hub knows no concrete transport, source or engine",
    of: /^lib\/server\/hub\//,
    never: /^lib\/server\/(transports|sources|runtime|log\/(?!log$))/,
  },
  {
    name: "sources know no transport",
    of: /^lib\/server\/sources\//,
    never: /^(lib\/server\/transports\/|lib\/server\/runtime|socket\.io)/,
  },
  {
    name: "transports know no source",
    of: /^lib\/server\/transports\//,
    never: /^lib\/server\/(sources\/|runtime)/,
  },
  {
    name: "only the runtime knows a concrete engine",
    of: /^(?!tests\/|lib\/server\/(log|history)\/|lib\/server\/runtime\.ts$)/,
    never: /^lib\/server\/log\/(?!log$)/,
  },
  {
    name: "only log, archive, keys and sources of rows know a database",
    of: /^(?!tests\/|lib\/server\/(log|history|keys|database)\/|lib\/server\/sources\/postgres)/,
    never: /^(better-sqlite3|kysely|pg|lib\/server\/database\/(?!conceal$).*)$/,
  },
  {
    name: "only the runtime knows where keys are kept",
    of: /^(?!tests\/|lib\/server\/keys\/|lib\/server\/runtime\.ts$)/,
    never: /^lib\/server\/keys\/(?!keys$)/,
  },
  {
    name: "the keys know nothing of what is built on them",
    of: /^lib\/server\/(keys|database)\//,
    never: /^lib\/server\/(hub|transports|sources|http|history|log|runtime)/,
  },
  {
    name: "only the runtime knows that there is an archive in a database",
    of: /^(?!tests\/|lib\/server\/history\/|lib\/server\/runtime\.ts$)/,
    never: /^lib\/server\/history\/(?!history-|start-history)/,
  },
  {
    name: "the archive knows of the log only its interface",
    of: /^lib\/server\/history\//,
    never: /^lib\/server\/(hub|transports|sources|runtime|log\/(?!log$))/,
  },
  {
    name: "only the runtime knows how nodes are joined",
    of: /^(?!tests\/|lib\/server\/cluster\/|lib\/server\/runtime\.ts$)/,
    never: /^(lib\/server\/cluster\/redis-|@socket\.io\/redis-adapter$)/,
  },
];

function isForbidden({ only, onlyPackages, never }: Direction, target: string): boolean {
  if (never?.test(target)) return true;
  const allowed = OURS.test(target) ? only : onlyPackages;
  return allowed !== undefined && !allowed.test(target);
}

describe("imports", () => {
  for (const direction of DIRECTIONS)
    it(direction.name, () => {
      const checked = files.filter((file) => direction.of.test(file));
      expect(checked, "a rule about no file proves nothing").not.toEqual([]);
      const wrong = checked.flatMap((file) =>
        importsOf(file)
          .filter((target) => isForbidden(direction, target))
          .map((target) => `${file} → ${target}`),
      );
      expect(wrong).toEqual([]);
    });

  it("are found in all their forms", () => {
    const text = `
      import "a";
      import type { B } from "b";
      import {
        c,
      } from 'c';
      export * from "d";
      const e = await import("e");
      type F = import("f").F;
      const g = require("g");
      vi.mock("h");
      // import "no";
      /* import "no"; */
      const url = "https://import.invalid"; // from "no"
      type Way = "from" | "import" | "to";
    `;
    expect(specifiersOf(text)).toEqual(["a", "b", "c", "d", "e", "f", "g", "h"]);
  });
});

describe("files", () => {
  const wrongNames = (test: (name: string) => boolean) =>
    files.filter((file) => test(file.slice(file.lastIndexOf("/") + 1)));

  it("are no barrels and no grab bags", () => {
    expect(wrongNames((name) => /^(index|utils?|helpers?|common|misc)\.tsx?$/.test(name))).toEqual([]);
  });

  it("have kebab-case names", () => {
    const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|contract|spec|config|d))?\.tsx?$/;
    expect(wrongNames((name) => !kebab.test(name))).toEqual([]);
  });

  it("can be read in one sitting", () => {
    const lines = (file: string) => readSource(file).split("\n").length - 1;
    expect(files.filter((file) => lines(file) > (file.startsWith("tests/") ? 600 : 400))).toEqual([]);
    expect(lines("server.ts")).toBeLessThan(80);
  });
});
