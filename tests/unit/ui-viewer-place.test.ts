import { expect, it } from "vitest";
import { viewerPlace } from "@/app/viewer-place";

it("takes the best language that is known, without extensions", () => {
  const locale = (header: string | null) => viewerPlace(header, undefined).locale;
  expect(locale("de-AT,de;q=0.9,en;q=0.8")).toBe("de-AT");
  expect(locale("en;q=0.5, fr-CA;q=0.9")).toBe("fr-CA");
  expect(locale("xx-YY, nl")).toBe("nl");
  expect(locale("ar-u-nu-arab, it;q=0.1")).toBe("it");
  for (const header of [null, "", "*", ";;q=,", "a".repeat(5000), "en;q=0", "<script>"])
    expect(locale(header)).toBe("en");
});

it("takes a time zone only if there is one of that name", () => {
  const zone = (name: string | undefined) => viewerPlace(null, name).timeZone;
  expect(zone("Europe/Berlin")).toBe("Europe/Berlin");
  for (const name of [undefined, "", "Mars/Olympus", "<b>", "A".repeat(100)])
    expect(zone(name)).toBeUndefined();
});
