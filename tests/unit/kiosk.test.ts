import { describe, expect, it } from "vitest";
import { kioskPlan, nextPage } from "@/components/shell/kiosk-pages";

describe("a wall screen", () => {
  it("is asked for in the URL, with the pages that there are and how long each stays", () => {
    for (const no of [undefined, "no", "off", "false", "0"]) expect(kioskPlan(no, "20")).toBeUndefined();
    expect(kioskPlan("", undefined)).toEqual({ pages: [], everyMs: 30_000 });
    expect(kioskPlan("business, nowhere,overview,,infrastructure", "20")).toEqual({
      pages: ["/business", "/", "/infrastructure"],
      everyMs: 20_000,
    });
    for (const every of ["4", "3601", "soon", ""]) expect(kioskPlan("business", every)!.everyMs).toBe(30_000);
  });

  it("shows its pages in turn, and begins with the first from anywhere else", () => {
    expect(nextPage(["/a", "/b"], "/a")).toBe("/b");
    expect(nextPage(["/a", "/b"], "/b")).toBe("/a");
    expect(nextPage(["/a", "/b"], "/elsewhere")).toBe("/a");
    expect(nextPage(["/a"], "/a")).toBeUndefined();
    expect(nextPage([], "/a")).toBeUndefined();
  });
});
