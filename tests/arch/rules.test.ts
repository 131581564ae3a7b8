import { describe, expect, it } from "vitest";
import { readSource, sourceFiles } from "./source-files";

/** The rules that SPEC.md lists: `- **L1** …`, or `- **H4** (planned) …` for one that is still to be built. */
function rulesOf(spec: string) {
  const items = [...spec.matchAll(/^- \*\*([A-Z]+\d+)\*\*( \(planned\))?/gm)];
  return items.map(([, id, planned]) => ({ id: id!, isPlanned: planned !== undefined }));
}

/**
 * The rules that a file's tests name: the IDs at the start of a title, as in `it("[L1][L2] …")`,
 * `it.each(…)("[L1] …")` or Playwright's `test("[C1] …")`. Tests that do not run prove nothing.
 */
function rulesProvedIn(text: string): string[] {
  const titles = text.matchAll(/([\w.]*)\(\s*["'`]((?:\[[A-Z]+\d+\])+)/g);
  return [...titles]
    .filter(([, call]) => !/(^|\.)(describe|skip|todo|fixme|fails)$/.test(call!))
    .flatMap(([, , ids]) => [...ids!.matchAll(/[A-Z]+\d+/g)].map(([id]) => id));
}

const rules = rulesOf(readSource("lib/shared/SPEC.md"));
const proved = new Set(
  sourceFiles()
    .filter((file) => /^tests\/(unit|contracts|integration|e2e)\//.test(file))
    .flatMap((file) => rulesProvedIn(readSource(file))),
);

describe("the rules of SPEC.md", () => {
  it("are listed once each", () => {
    const ids = rules.map((rule) => rule.id);
    expect(ids.length).toBeGreaterThan(20);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
  });

  it("have each at least one test, unless they are planned", () => {
    const unproved = rules.filter((rule) => !rule.isPlanned && !proved.has(rule.id));
    expect(unproved.map((rule) => rule.id)).toEqual([]);
  });

  it("are the only ones that tests name", () => {
    const known = new Set(rules.map((rule) => rule.id));
    expect([...proved].filter((id) => !known.has(id))).toEqual([]);
  });

  it("are found in titles of all forms, but not where a test is skipped", () => {
    const text = `
      it("[L1] one", () => {});
      it.each([1, 2])("[L2][L3] two %s", () => {});
      test(\`[C1] \${name}\`, () => {});
      it(
        '[F4] on a line of its own', () => {});
      it.skip("[T1] skipped", () => {});
      test.fixme("[T2] broken", () => {});
      it("about [T3]", () => {});
      describe("[T4] a group", () => {});
    `;
    expect(rulesProvedIn(text)).toEqual(["L1", "L2", "L3", "C1", "F4"]);
    expect(rulesOf("- **L1** One.\n- **H4** (planned) Two.\n- other\n  - **X1** nested")).toEqual([
      { id: "L1", isPlanned: false },
      { id: "H4", isPlanned: true },
    ]);
  });
});
