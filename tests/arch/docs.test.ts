import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { MUTANTS } from "../qa/mutant-list";
import { ROOT, readSource } from "./source-files";

const qa = readFileSync(join(ROOT, "docs/qa.md"), "utf8");

it("docs/qa.md shows the example as it is", () => {
  const [, code] = /```ts\n([\s\S]*?)```/.exec(qa)!;
  expect(code!.trim()).toBe(readSource("tests/qa/example.spec.ts").trim());
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
