import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { PAGES } from "@/components/shell/pages";
import { judgeFigures } from "@/tests/qa/figure-verdict";
import { pagePaths, pathOf } from "@/tests/qa/page-names";
import type { Sight } from "@/tests/support/witness";
import { ROOT } from "../arch/source-files";

describe("pages by name", () => {
  it("are all those of the navigation, and more", () => {
    const paths = [...pagePaths().values()];
    for (const { href } of PAGES) expect(paths).toContain(href);
    expect(pathOf("overview")).toBe("/");
    expect(pathOf("/ops/sources")).toBe("/ops/sources");
    expect(pathOf("business")).toBe("/business");
  });

  it("`npm run qa -- --page` with a name that is none lists them, before anything is built", () => {
    const { status, stderr, stdout } = spawnSync("npx", ["tsx", "tests/qa/qa.ts", "--page", "busines"], {
      cwd: ROOT,
      encoding: "utf8",
    });
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toBe(`There is no page "busines". There are: ${[...pagePaths().keys()].join(", ")}\n`);
  });
});

describe("the verdict about a card", () => {
  /** Figures 30, 60 and 90, acknowledged at 1, 3 and 5 s. */
  const figures = [30, 60, 90].map((n, i) => ({ n, at: 1000 + i * 2000 }));
  const sight = (from: number, until: number, card: number | null, word = "Live"): Sight => ({
    ...{ askedAt: 0, from, until, card, word, transport: "WebSocket" },
    ...{ bar: null, list: false, orders: [], count: null },
  });
  const verdictOf = (sights: Sight[], drawn?: number[]) =>
    judgeFigures({ acknowledged: { orders: [], figures }, sights, drawn });
  const honest = [
    sight(500, 1000, null),
    sight(1000, 3000, 30),
    sight(3000, 5000, 60),
    sight(5000, 9000, 90),
  ];

  it("is clean when it showed each in its time", () => {
    expect(verdictOf(honest)).toMatchObject({
      missing: 0,
      doubled: 0,
      disordered: 0,
      dishonest: [],
      expected: 3,
    });
    expect(verdictOf(honest, [30, 60, 90])).toMatchObject({ missing: 0, disordered: 0, expected: 6 });
  });

  it("misses the last one, and what a chart did not draw", () => {
    expect(verdictOf(honest.slice(0, 3)).missing).toBe(1);
    expect(verdictOf(honest, [30, 90]).missing).toBe(1);
  });

  it("sees it go back, and show what nobody sent", () => {
    expect(verdictOf([...honest, sight(9000, 9500, 30), sight(9500, 9900, 90)]).disordered).toBe(1);
    expect(verdictOf([...honest, sight(9000, 9500, 7), sight(9500, 9900, 90)]).disordered).toBe(1);
  });

  it("finds that it said live while it was behind", () => {
    const stuck = [sight(1000, 12_000, 30), sight(12_000, 13_000, 90)];
    // The second figure is late from three seconds after its acknowledgement on.
    expect(verdictOf(stuck).dishonest).toEqual([{ at: 6000, forMs: 6000, behindMs: 9000 }]);
    const told = [sight(1000, 5500, 30), sight(5500, 12_000, 30, "Reconnecting"), sight(12_000, 13_000, 90)];
    expect(verdictOf(told).dishonest).toEqual([]);
  });

  it("is about the connection's words alone where nothing is posted", () => {
    const words = [sight(0, 1000, null), sight(1000, 2000, null, "Offline"), sight(2000, 3000, null)];
    const acknowledged = { orders: [], figures: [] };
    expect(judgeFigures({ acknowledged, sights: words, injectedAt: 900, healedAt: 1500 })).toMatchObject({
      expected: 0,
      missing: 0,
      disordered: 0,
      noticeMs: 100,
      recoverMs: 500,
    });
  });
});
