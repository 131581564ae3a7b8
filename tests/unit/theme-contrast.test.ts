import { describe, expect, it } from "vitest";
import { contrast, faded, forcedColours, over, themeColours } from "@/tests/support/theme-colours";

/** WCAG 1.4.3 for text, 1.4.11 for what is drawn and for the borders of fields; 1.4.6 for who asks for more. */
const TEXT = 4.5;
const DRAWN = 3;
const MORE_TEXT = 7;
const MORE_DRAWN = 4.5;

const TEXTS = ["ink", "soft", "accent", "good", "attention", "bad"];
const SURFACES = ["canvas", "surface", "raised", "sunken", "accent-soft", "attention-soft", "bad-soft"];
const LINES = [1, 2, 3, 4, 5, 6, 7].map((n) => `chart-${n}`);
const SHADES = [1, 2, 3, 4, 5, 6, 7].map((n) => `heat-${n}`);

const themes = (["light", "dark"] as const).map((name) => ({ name, of: themeColours(name) }));
const stark = (["light", "dark"] as const).map((name) => ({ name, of: themeColours(name, true) }));

/** The pairs whose contrast is less than it should be, with what it is. */
function tooFaint(
  of: (name: string) => ReturnType<ReturnType<typeof themeColours>>,
  names: readonly string[],
  behind: readonly string[],
  least: number,
): string[] {
  return names.flatMap((name) =>
    behind
      .map((surface) => ({ surface, ratio: contrast(of(name), of(surface)) }))
      .filter(({ ratio }) => ratio < least)
      .map(({ surface, ratio }) => `${name} on ${surface}: ${ratio.toFixed(2)}`),
  );
}

describe.each(themes)("the $name theme", ({ of }) => {
  it("has text that can be read on everything that it stands on", () => {
    // The tint is what a cell has that has just changed.
    expect(tooFaint(of, TEXTS, [...SURFACES, "tint"], TEXT)).toEqual([]);
    // On what is filled with the accent: the skip link, the bell's count, the main button.
    expect(contrast(of("surface"), of("accent"))).toBeGreaterThanOrEqual(TEXT);
  });

  it("has text that can be read over a hatch", () => {
    for (const name of ["ink", "soft"])
      expect(contrast(of(name), over(of("hatch"), of("surface")))).toBeGreaterThanOrEqual(TEXT);
  });

  it("has lines, dots, rings around what has the focus, and borders of fields that stand out", () => {
    expect(tooFaint(of, LINES, ["surface", "raised"], DRAWN)).toEqual([]);
    expect(tooFaint(of, ["accent", "line-strong"], SURFACES, DRAWN)).toEqual([]);
    expect(tooFaint(of, ["good", "attention", "bad"], SURFACES, DRAWN)).toEqual([]);
  });

  it("has shades of one hue, each of which stands out more from the page than the one before", () => {
    const ratios = SHADES.map((name) => contrast(of(name), of("surface")));
    for (const [i, ratio] of ratios.entries()) expect(ratio).toBeGreaterThan((ratios[i - 1] ?? 1) * 1.2);
  });
});

describe.each(stark)("the $name theme with more contrast", ({ name, of }) => {
  it("has stronger text, lines and borders than without", () => {
    expect(tooFaint(of, TEXTS, ["canvas", "surface", "raised", "sunken"], MORE_TEXT)).toEqual([]);
    expect(tooFaint(of, ["line"], ["canvas", "surface"], DRAWN)).toEqual([]);
    expect(tooFaint(of, [...LINES, "line-strong"], ["surface"], MORE_DRAWN)).toEqual([]);
    const usual = themeColours(name as "light" | "dark");
    for (const one of [...TEXTS, ...LINES, "line", "line-strong"])
      expect(contrast(of(one), of("surface")), one).toBeGreaterThan(contrast(usual(one), usual("surface")));
  });
});

it("the hues that are kept beside the system's own colours stand out on black and on white", () => {
  const colours = forcedColours();
  expect([...colours.keys()]).toEqual(LINES);
  const [black, white] = [0, 1].map((part) => ({ rgb: [part, part, part] as const, alpha: 1 }));
  for (const [name, colour] of colours) {
    expect(contrast(colour, black!), name).toBeGreaterThanOrEqual(DRAWN);
    expect(contrast(colour, white!), name).toBeGreaterThanOrEqual(DRAWN);
  }
  // What is half there is as faint as it looks.
  expect(contrast(over(faded(white!, 0.5), black!), black!)).toBeCloseTo(5.3, 0);
});
