import { describe, expect, it } from "vitest";
import { toCsv } from "@/lib/shared/csv";

describe("CSV", () => {
  it("quotes what needs it and keeps numbers numbers", () => {
    expect(
      toCsv([
        ["a", 'say "hi"', "x,y", "two\nlines"],
        [1.5, -3, true, null, undefined],
      ]),
    ).toBe('a,"say ""hi""","x,y","two\nlines"\r\n1.5,-3,true,,\r\n');
  });

  it("makes text of what a spreadsheet would run", () => {
    for (const text of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u00a0@x"])
      expect(toCsv([[text]])).toContain(`'${text}`);
    expect(toCsv([["a=b", "1-2"]])).toBe("a=b,1-2\r\n");
  });
});
