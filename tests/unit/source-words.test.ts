import { describe, expect, it } from "vitest";
import { outcomeWords } from "@/components/ops/ops-words";
import {
  agoWords,
  silentWords,
  stateLook,
  summaryOf,
  testWords,
  untilWords,
} from "@/components/ops/source-words";
import { orderRows } from "@/components/tables/table-order";
import { shapeOfTable } from "@/components/tables/table-shape";
import { parseView } from "@/components/tables/table-view";
import { sources } from "@/lib/channels/sources";
import type { Row } from "@/lib/shared/define-channel";

const place = { locale: "en-GB", timeZone: "Europe/Berlin" };
const NOON = Date.UTC(2026, 0, 1, 11, 0, 0);
const rowsOf = (...states: string[]): Row[] => states.map((state, i) => ({ channel: `c${i}`, state }));

describe("the sources in words", () => {
  it("[S3] are summed up in one line, what is wrong first", () => {
    const texts = [
      ["Works"],
      ["Works", "Works"],
      ["Fails", "Works", "Works"],
      ["Fails"],
      ["Fails", "Fails", "Off", "Starting", "Works"],
      ["Off", "Works", "Works"],
      ["Off", "Off", "Works"],
      ["Off"],
      ["Starting", "Starting"],
      ["Starting", "Works"],
    ].map((states) => summaryOf(rowsOf(...states)));
    expect(texts).toEqual([
      { text: "1 source, and it works", state: "Works" },
      { text: "2 sources, all work", state: "Works" },
      { text: "1 of 3 sources fails", state: "Fails" },
      { text: "1 of 1 source fails", state: "Fails" },
      { text: "2 of 5 sources fail, 1 is off, 1 starting", state: "Fails" },
      { text: "3 sources: 1 is off, 2 work", state: "Off" },
      { text: "3 sources: 2 are off, 1 works", state: "Off" },
      { text: "1 source: 1 is off", state: "Off" },
      { text: "2 sources: 2 starting", state: "Starting" },
      { text: "2 sources: 1 starting, 1 works", state: "Starting" },
    ]);
  });

  it("[S3] have an icon of their own for each state, and one for what is not known", () => {
    const looks = ["Fails", "Off", "Starting", "Works"].map(stateLook);
    expect(new Set(looks.map(({ icon }) => icon)).size).toBe(4);
    for (const state of [undefined, null, "constructor", 7])
      expect(stateLook(state)).toBe(stateLook("Starting"));
  });

  it("[S3] stand in the order in which they need somebody, and else stay where they are", () => {
    const order = { column: "state", descending: false };
    const shape = shapeOfTable(sources.table, undefined, undefined, { name: "title", order });
    const view = parseView(new URLSearchParams(), shape);
    const rows = Object.fromEntries(
      rowsOf("Works", "Starting", "Fails", "Works", "Off", "Fails").map((row) => [String(row.channel), row]),
    );
    for (const locale of ["en", "de", "sv", "et", "tr"]) {
      const { entries } = orderRows(rows, view, shape, { ...place, locale });
      expect(entries.map(([key]) => key)).toEqual(["c2", "c5", "c4", "c1", "c0", "c3"]);
    }
  });

  it("[S3] have times that are said as far away, calmly", () => {
    expect([0, 3000, 4000, 59_999, 125_000, -500].map((age) => agoWords(NOON - age, NOON))).toEqual([
      ...["just now", "just now", "4\u00a0s ago", "59\u00a0s ago", "2\u00a0min ago", "just now"],
    ]);
    expect([-5000, 0, 1, 1000, 29_400, 90_000].map((wait) => untilWords(NOON + wait, NOON))).toEqual([
      ...["now", "now", "in 1\u00a0s", "in 1\u00a0s", "in 30\u00a0s", "in 1\u00a0min"],
    ]);
  });
});

describe("what came of a test", () => {
  const works: Row = { title: "Orders", state: "Works", failures: 0, reason: null, lastSuccess: NOON };
  const fails: Row = { ...works, state: "Fails", failures: 3, reason: "refused" };

  it("[S3] is said when the row shows it, and not before", () => {
    expect(testWords(works, works)).toBeUndefined();
    expect(testWords(fails, { ...fails, lastTry: NOON })).toBeUndefined();
    expect(testWords(works, { ...works, lastSuccess: NOON + 1 })).toBe("Orders works.");
    expect(testWords(fails, { ...works, lastSuccess: NOON + 1 })).toBe("Orders works again.");
    expect(testWords(works, fails)).toBe("Orders fails: refused.");
    expect(testWords(fails, { ...fails, failures: 4 })).toBe("Orders still fails: refused.");
    // Another node has begun to read it, and counts from one.
    expect(testWords(fails, { ...fails, failures: 1 })).toBe("Orders still fails: refused.");
    expect(testWords(works, { ...works, state: "Off", reason: "X is not set" })).toBe(
      "Orders is off: X is not set.",
    );
    expect(testWords(works, undefined)).toBe("Orders has no source any more.");
  });

  it("[S3] is said when nothing came of it, and when it could not be asked", () => {
    expect(silentWords(works)).toBe("Nothing new from Orders meanwhile, and nothing wrong either.");
    expect(silentWords(fails)).toMatch(/^No answer from Orders yet/);
    const words = (code: string) => outcomeWords({ kind: "test", what: "Orders" }, { code, title: "T" });
    expect(words("source_off")).toBe("Orders is off: it lacks a setting, which its row names.");
    expect(words("not_found")).toBe("Orders is not there any more.");
    expect(words("cluster_unavailable")).toBe("No node could be asked for news. Try again in a few seconds.");
    expect(words("node_silent")).toMatch(/^The node did not answer/);
    expect(outcomeWords({ kind: "test", what: "Orders" }, "done")).toBe("Asked Orders for news.");
  });
});
