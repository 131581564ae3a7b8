import type { Cell } from "@/lib/shared/define-channel";
import type { Names } from "./names";
import type { Shown } from "./templates-page";

/** What QA would ask of the page: that it is live, and that a broken network makes it neither lie nor miss anything. */
export function testFile(names: Names, shown: Shown): string {
  return shown.filledBy === "ingest" ? postedTest(names, shown) : sourceTest(names);
}

/** What is posted, in three steps, and how the page shows each. */
interface Steps {
  /** What is imported beside `expectLive`. */
  helper: string;
  updates: readonly Record<string, Cell>[];
  /** The check that a step is shown. */
  shown(step: number): string;
}

function stepsOf(name: string, { kind, metrics, key, example }: Shown): Steps {
  const [metric] = metrics;
  if (metric !== undefined)
    return {
      helper: ", metric",
      updates: [12, 13, 14].map((value) => ({ [metric]: value })),
      shown: (i) => `expect(metric(page, "${name}-${metric}")).toHaveAttribute("data-value", "${12 + i}")`,
    };
  const widget = `page.getByTestId("${kind}-${name}")`;
  if (kind === "feed")
    return {
      helper: "",
      updates: [example, example, example],
      shown: (i) => `expect(${widget}).toHaveAttribute("data-count", "${i + 1}")`,
    };
  const named = (i: number) => (typeof example[key!] === "number" ? i + 1 : `Row ${i + 1}`);
  return {
    helper: "",
    updates: [0, 1, 2].map((i) => ({ ...example, [key!]: named(i) })),
    shown: (i) => `expect(${widget}.locator("tr[data-key]")).toHaveCount(${i + 1})`,
  };
}

function postedTest({ name, title }: Names, shown: Shown): string {
  const { helper, updates, shown: check } = stepsOf(name, shown);
  const expectShown = (i: number) => `await ${check(i)};`;
  const publish = (i: number) => `await publish("${name}", ${JSON.stringify(updates[i])});`;
  return `import { expect, test } from "@/tests/support/fixtures";
import { expectLive, expectStale${helper} } from "@/tests/support/page-state";

test("[R1] ${title} shows what was posted, and what is posted while somebody looks", async ({ page, publish }) => {
  ${publish(0)}
  await page.goto("/${name}");
  ${expectShown(0)}
  await expectLive(page);
  ${publish(1)}
  ${expectShown(1)}
});

test("[C1][C8] ${title} says so when the network is cut, and has everything afterwards", async ({
  page,
  publish,
  network,
}) => {
  ${publish(0)}
  await page.goto("/${name}");
  await expectLive(page);
  network.set({ network: "cut" });
  await expectStale(page);
  ${publish(1)}
  // What was last known stays, marked as that.
  ${expectShown(0)}
  network.set({ network: "pass" });
  await expectLive(page);
  ${expectShown(1)}
  ${publish(2)}
  ${expectShown(2)}
});
`;
}

/** What a source brings is not known here. */
function sourceTest({ name, title }: Names): string {
  return `import { expect, test } from "@/tests/support/fixtures";
import { expectLive, expectStale } from "@/tests/support/page-state";

test("[C1][C8] ${title} is live, says so when the network is cut, and is live afterwards", async ({
  page,
  network,
}) => {
  await page.goto("/${name}");
  await expect(page.getByRole("heading", { level: 1, name: "${title}" })).toBeVisible();
  await expectLive(page);
  network.set({ network: "cut" });
  await expectStale(page);
  network.set({ network: "pass" });
  await expectLive(page);
});
`;
}
