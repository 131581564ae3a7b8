import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cores } from "@/lib/channels/host-cores";
import { namesOf } from "@/lib/new/names";
import { planOf, type Tree } from "@/lib/new/plan";
import { writeAll } from "@/lib/new/write";

describe("a name", () => {
  it("becomes what code, addresses and the screen need", () => {
    expect(namesOf("web-shop-2")).toEqual({
      name: "web-shop-2",
      identifier: "webShop2",
      title: "Web shop 2",
      component: "WebShop2",
    });
    for (const name of ["a", "deliveries", "x9", "a-1"]) expect(namesOf(name).name).toBe(name);
  });

  it("that cannot be one is refused, with one that could", () => {
    for (const [given, words] of [
      ["Web Shop", "like web-shop"],
      ["webShop", "like web-shop"],
      ["ops/stock", "like ops-stock"],
      ["2nd-shop", "like nd-shop"],
      ["stock-", "like stock"],
      ["web--shop", "like web-shop"],
      ["../evil", "like evil"],
      ["", "is no name"],
      ["ö", "single dashes between them, at most 40"],
      [`a${"b".repeat(40)}`, "at most 40"],
      ["class", "a word of TypeScript"],
      ["default", "a word of TypeScript"],
      ["total", "already means something"],
      ["channels", "already means something"],
    ] as const)
      expect(() => namesOf(given), given).toThrow(words);
  });
});

const FILES: Record<string, string> = {
  "lib/channels/registry.ts":
    'import { cores } from "./host-cores";\nimport { web2 } from "./web-2";\n\nexport const channels: readonly Channel[] = [cores, web2];\n',
  "components/shell/pages.ts":
    'import {\n  Cable,\n} from "lucide-react";\n\nexport const PAGES: readonly PageLink[] = [];\n',
  "app/metrics": "",
  "app/(dashboard)/ops": "",
  "tests/e2e/tabs.spec.ts": "",
};
const tree: Tree = {
  read: (path) => FILES[path]!,
  has: (path) => Object.hasOwn(FILES, path),
  channels: [cores, { ...cores, name: "legacy" }],
};

describe("what is there already is left alone", () => {
  it.each([
    ["page", "metrics", "app/metrics is there already"],
    ["page", "ops", "app/(dashboard)/ops is there already"],
    ["page", "tabs", "tests/e2e/tabs.spec.ts is there already"],
    ["channel", "legacy", 'a channel called "legacy"'],
    ["channel", "web2", "already imports something called web2"],
  ] as const)("new:%s %s", (kind, name, words) => {
    expect(() => planOf(kind, namesOf(name), tree)).toThrow(words);
  });

  it("a channel may have the name of a route", () => {
    expect(Object.keys(planOf("channel", namesOf("metrics"), tree).created)).toEqual([
      "lib/channels/metrics.ts",
    ]);
  });
});

it("when one file cannot be written, nothing is", () => {
  const folder = mkdtempSync(join(tmpdir(), "nowboard-write-"));
  try {
    const at = (path: string) => join(folder, path);
    writeFileSync(at("list.ts"), "before");
    mkdirSync(at("taken.ts"));
    const files = { [at("new/page/page.tsx")]: "a", [at("list.ts")]: "after", [at("taken.ts")]: "a folder" };
    expect(() => writeAll(files)).toThrow("Nothing was changed: EISDIR");
    expect(readdirSync(folder).sort()).toEqual(["list.ts", "taken.ts"]);
    expect(readFileSync(at("list.ts"), "utf8")).toBe("before");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
