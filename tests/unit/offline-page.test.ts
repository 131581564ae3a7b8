import { describe, expect, it } from "vitest";
import { KEPT_PREFIX, MAX_KEPT_MS } from "@/lib/client/last-known";
import { readSource } from "../arch/source-files";
import { coloursIn } from "../support/theme-colours";

// It stands alone, without a server and without the code of the other pages, so it repeats some of theirs.
describe("the offline page", () => {
  it.each([":root", ".dark"])("has the colours of the other pages in %s", (selector) => {
    const own = coloursIn(readSource("public/offline.css"), selector);
    const others = new Map(coloursIn(readSource("app/globals.css"), selector));
    expect(own.length).toBeGreaterThan(8);
    for (const [name, colour] of own) expect(colour, name).toEqual(others.get(name));
  });

  it("[C9] looks where pages keep what they knew, and shows it for as long", () => {
    const script = readSource("public/offline.js");
    const constant = (name: string) => new RegExp(`^const ${name} = (.*);$`, "m").exec(script)?.[1];
    expect(constant("KEPT_PREFIX")).toBe(`"${KEPT_PREFIX}"`);
    const week = constant("WEEK")!
      .split("*")
      .reduce((product, factor) => product * Number(factor.replace("_", "")), 1);
    expect(week).toBe(MAX_KEPT_MS);
  });
});
