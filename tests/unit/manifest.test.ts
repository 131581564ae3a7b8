import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import manifest from "@/app/manifest";

/** Width and height of a PNG file: the first two numbers of its first chunk. */
function sizeOf(file: string): string {
  const bytes = readFileSync(new URL(`../../${file}`, import.meta.url));
  expect(bytes.subarray(1, 4).toString("latin1")).toBe("PNG");
  return `${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`;
}

it("the icons of the installed app are there, in the sizes that its manifest says", () => {
  const { icons = [] } = manifest();
  for (const { src, sizes } of icons) expect(sizeOf(`public${src}`)).toBe(sizes);
  const sizes = icons.filter(({ purpose }) => purpose === undefined).map((icon) => icon.sizes);
  expect(sizes).toEqual(expect.arrayContaining(["192x192", "512x512"]));
  expect(icons.some(({ purpose }) => purpose === "maskable")).toBe(true);
  expect(sizeOf("app/apple-icon.png")).toBe("180x180");
});
