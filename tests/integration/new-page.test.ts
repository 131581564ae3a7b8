import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ROOT } from "../arch/source-files";

/** What `npm run check` looks at. */
const PARTS = ["app", "components", "lib", "tests", "server.ts", "tsconfig.json", "package.json"].concat([
  "biome.json",
  "knip.json",
  "next.config.mjs",
  "postcss.config.mjs",
  "vitest.config.ts",
  ".gitignore",
]);

let tree: string;
beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), "nowboard-new-"));
  for (const part of PARTS)
    cpSync(join(ROOT, part), join(tree, part), {
      recursive: true,
      filter: (path) => !path.includes("/.output") && !path.includes("/.report"),
    });
  symlinkSync(join(ROOT, "node_modules"), join(tree, "node_modules"));
});
afterAll(() => rmSync(tree, { recursive: true }));

const run = (...args: string[]) =>
  spawnSync("npx", ["tsx", "lib/new/main.ts", ...args], { cwd: tree, encoding: "utf8" });
const read = (path: string) => readFileSync(join(tree, path), "utf8");

/** Does what `docs/adding-a-page.md` says to the page `stock`: whole files, lines to change, and shell commands on files. */
function followTutorial(): void {
  const text = readFileSync(join(ROOT, "docs/adding-a-page.md"), "utf8");
  const whole = [...text.matchAll(/all of `([^`]+)`:\n\n```tsx?\n([\s\S]*?)```/g)];
  for (const [, path, code] of whole) writeFileSync(join(tree, path!), code!);
  const pages = "components/shell/pages.ts";
  const changes = [...text.matchAll(/```diff\n([\s\S]*?)```/g)].map(([, lines]) => lines!);
  for (const change of changes) {
    const side = (sign: string) =>
      change
        .split("\n")
        .filter((line) => line.startsWith(" ") || line.startsWith(sign))
        .map((line) => line.slice(1))
        .join("\n");
    expect(read(pages).split(side("-"))).toHaveLength(2);
    writeFileSync(join(tree, pages), read(pages).replace(side("-"), side("+")));
  }
  const commands = [...text.matchAll(/^perl .*$/gm)].map(([line]) => line);
  for (const command of commands) expect(spawnSync(command, { cwd: tree, shell: true }).status).toBe(0);
  expect([whole.length, changes.length, commands.length]).toEqual([2, 2, 1]);
}

it("makes pages, a channel and a source that compile, are formatted, and are short, also as the tutorial edits them", () => {
  const { stdout, status } = run("page", "web-shop");
  expect(status).toBe(0);
  expect(stdout).toContain("Next:");
  expect(run("page", "stock").status).toBe(0);
  followTutorial();
  expect(run("channel", "parcels").status).toBe(0);
  // Pages for channels that are there: a feed, a table, and one that a source fills.
  for (const name of ["orders", "regions", "nodes"]) expect(run("page", name).stderr).toBe("");
  expect(run("source", "deliveries").status).toBe(0);
  const lines = (path: string) => read(path).trimEnd().split("\n").length;
  expect(lines("lib/channels/web-shop.ts") + lines("app/(dashboard)/web-shop/page.tsx")).toBeLessThan(60);
  expect(read("lib/channels/registry.ts")).toMatch(
    /sources,\n {2}webShop,\n {2}stock,\n {2}parcels,\n {2}deliveries,\n\];/,
  );
  expect(read("components/shell/pages.ts")).toContain('{ href: "/web-shop", title: "Web shop"');
  expect(read("lib/channels/source-registry.ts")).toContain("[deliveriesSource]");
  const checked = spawnSync("npm", ["run", "check"], { cwd: tree, encoding: "utf8" });
  expect(checked.status, checked.stdout + checked.stderr).toBe(0);
}, 240_000);

it("changes nothing while the channels have a fault, and says so", () => {
  writeFileSync(join(tree, "lib/channels/regions.ts"), "export const regions = {;");
  const { status, stderr } = run("channel", "letters");
  expect([status, stderr]).toEqual([1, expect.stringMatching(/lib\/channels has a fault.*regions\.ts/s)]);
  expect(existsSync(join(tree, "lib/channels/letters.ts"))).toBe(false);
  cpSync(join(ROOT, "lib/channels/regions.ts"), join(tree, "lib/channels/regions.ts"));
});

it("writes over nothing, and takes no name that cannot be one", () => {
  const before = read("lib/channels/registry.ts");
  for (const [name, words] of [
    ["business", "app/(dashboard)/business is there already"],
    ["api", "app/(dashboard)/api is there already"],
    ["web-shop", "app/(dashboard)/web-shop is there already"],
    ["healthz", "app/healthz is there already"],
    ["cores", 'a channel called "cores" already'],
    ["Web Shop", "is no name"],
    ["../evil", "is no name"],
  ] as const) {
    const { status, stderr } = run("page", name);
    expect(status).toBe(1);
    expect(stderr).toContain(words);
  }
  expect(run("page").stderr).toContain("npm run new:page web-shop");
  expect(run("page", "web", "shop").stderr).toContain("npm run new:page web-shop");
  expect(read("lib/channels/registry.ts")).toBe(before);
  expect(run("channel", "orders").stderr).toContain("lib/channels/orders.ts is there already");
});
