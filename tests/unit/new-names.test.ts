import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cluster } from "@/lib/channels/cluster";
import { cores } from "@/lib/channels/host-cores";
import { orders } from "@/lib/channels/orders";
import { regions } from "@/lib/channels/regions";
import { namesOf } from "@/lib/new/names";
import { planOf, type Tree } from "@/lib/new/plan";
import { writeAll } from "@/lib/new/write";
import type { Channel } from "@/lib/shared/define-channel";

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

describe("a page with the name of a channel", () => {
  const planned = (channel: Channel) => {
    const path = `lib/channels/${channel.name}.ts`;
    const files: typeof FILES = { ...FILES, [path]: `export const ${channel.name} = defineChannel({` };
    const { created, changed } = planOf("page", namesOf(channel.name), {
      read: (file) => files[file]!,
      has: (file) => Object.hasOwn(files, file),
      channels: [channel],
    });
    const [page, test] = Object.values(created);
    return { files: Object.keys(created), changed: Object.keys(changed), page, test };
  };

  it("shows that channel, and leaves it as it is", () => {
    const { files, changed, page, test } = planned(orders);
    expect(files).toEqual(["app/(dashboard)/orders/page.tsx", "tests/e2e/orders.spec.ts"]);
    expect(changed).toEqual(["components/shell/pages.ts"]);
    expect(page).toContain("<FeedTable feed={orders.feed}");
    expect(test).toContain('expect(page.getByTestId("feed-orders")).toHaveAttribute("data-count", "3")');
  });

  it("is a table for rows, each named anew in its test", () => {
    const { page, test } = planned(regions);
    expect(page).toContain("<LiveTable table={regions.table}");
    expect(test).toContain('"region":"Row 2"');
  });

  it("has cards for the first metrics of a record, and posts nothing to what a source fills", () => {
    const { page, test } = planned(cluster);
    const metrics = Object.keys(cluster.metrics);
    expect(page!.match(/<MetricCard /g)).toHaveLength(Math.min(4, metrics.length));
    expect(page).toContain(`metric={cluster.metrics.${metrics[0]}}`);
    expect(test).not.toContain("publish");
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
