import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults, NodeResult } from "axe-core";
import type { Page } from "playwright/test";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];
/** Part of WCAG 2.2 AA, but off unless it is asked for. */
const RULES = { "target-size": { enabled: true } };

/** They pass the focus on as soon as they have it, so that it does not matter that no screen reader sees them. */
const FOCUS_GUARDS = "[data-base-ui-focus-guard]";

/**
 * What axe finds wrong with a page as it is now, a line each; none of its rules for WCAG 2.0 to 2.2, A and AA, nor of
 * its best practices is off. `only` names the rules to look at where the others were looked at already.
 */
export async function violations(page: Page, only?: readonly string[]): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
  const results = await page.evaluate(
    ([tags, rules, names, guards]) =>
      (window as unknown as { axe: typeof import("axe-core") }).axe.run(
        { exclude: [guards] },
        {
          resultTypes: ["violations"],
          ...(names ? { runOnly: { type: "rule", values: [...names] } } : { runOnly: tags, rules }),
        },
      ) as Promise<AxeResults>,
    [TAGS, RULES, only, FOCUS_GUARDS] as const,
  );
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.filter((node) => !isTwin(id, node)).map((node) => `${id}: ${describe(node)}`),
  );
}

/** In the gallery each widget stands twice, in both themes, and the two have one name. */
function isTwin(rule: string, { target }: NodeResult): boolean {
  return rule === "landmark-unique" && target.some((selector) => String(selector).includes("[data-theme="));
}

function describe({ target, failureSummary = "" }: NodeResult): string {
  return `${target.join(" ")} · ${failureSummary.split("\n").slice(1).join(" ").trim()}`;
}
