import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { MUTANTS } from "../qa/mutant-list";
import { ROOT, readSource } from "./source-files";

const qa = readFileSync(join(ROOT, "docs/qa.md"), "utf8");

it("docs/qa.md shows the example as it is", () => {
  const [, code] = /```ts\n([\s\S]*?)```/.exec(qa)!;
  expect(code!.trim()).toBe(readSource("tests/qa/example.spec.ts").trim());
});

it("docs/adding-a-page.md shows the example of a test as it is run", () => {
  const page = readFileSync(join(ROOT, "docs/adding-a-page.md"), "utf8");
  const [, code] = /```tsx\n(\/\/ @vitest[\s\S]*?)```/.exec(page)!;
  expect(code!.trim()).toBe(readSource("tests/unit/left-in-stock.test.tsx").trim());
});

it("docs/qa.md lists each break of the product with what catches it", () => {
  const rows = [...qa.matchAll(/^\| `([\w-]+)` +\| (.*?) +\| `([\w -]+ on \w+)` +\|$/gm)].map(
    ([, ...cells]) => cells,
  );
  expect(rows).toEqual(MUTANTS.map(({ name, about, caughtBy }) => [name, about, caughtBy]));
});

it("each break of the product still fits its code", () => {
  for (const { edits } of MUTANTS)
    for (const { file, from } of edits)
      expect(readSource(file).split(from), `${file}: ${from}`).toHaveLength(2);
});

it("links of the docs lead somewhere", () => {
  const pages = [
    "README.md",
    ...readdirSync(join(ROOT, "docs"))
      .filter((name) => name.endsWith(".md"))
      .map((name) => `docs/${name}`),
  ];
  const wrong = pages.flatMap((page) => {
    const text = readFileSync(join(ROOT, page), "utf8");
    const links = [...text.matchAll(/\]\(([^)#\s]+)(#[^)]*)?\)/g)].map(([, target]) => target!);
    return links
      .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(ROOT, dirname(page), target)))
      .map((target) => `${page} → ${target}`);
  });
  expect(wrong).toEqual([]);
});
