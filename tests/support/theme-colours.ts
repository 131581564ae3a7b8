/** The colours of the style sheets as numbers, so that their contrast can be computed. */
import { readSource } from "@/tests/arch/source-files";

/** Red, green and blue in linear light, and how opaque it is; each from 0 to 1. */
export interface Colour {
  rgb: readonly [number, number, number];
  alpha: number;
}

/** A theme as people see it; `stark` is for those who ask for more contrast. */
export function themeColours(theme: "light" | "dark", isStark = false): (name: string) => Colour {
  const base = withoutMedia(readSource("app/globals.css"));
  const stark = isStark ? insideMedia(readSource("app/contrast.css"), "(prefers-contrast: more)") : "";
  const selectors = theme === "dark" ? [":root", ".dark"] : [":root"];
  // As in a browser the later rule wins, and a class counts for as much as the root does.
  const colours = new Map(
    [base, stark].flatMap((css) => selectors.flatMap((selector) => coloursIn(css, selector))),
  );
  return (name) => {
    const colour = colours.get(name);
    if (!colour) throw new Error(`there is no colour --${name}`);
    return colour;
  };
}

/** The colours that hold while the system's own are forced on the page; those that are the system's are left out. */
export function forcedColours(): Map<string, Colour> {
  return new Map(coloursIn(insideMedia(readSource("app/contrast.css"), "(forced-colors: active)"), ".dark"));
}

/** The colours that rules of this selector set, alone or as one of several. */
export function coloursIn(css: string, selector: string): [string, Colour][] {
  const rules = [...css.matchAll(/([^{}]*){([^{}]*)}/g)];
  return rules
    .filter(([, selectors]) => selectors!.split(",").some((one) => one.trimEnd().endsWith(selector)))
    .flatMap(([, , body]) => [...body!.matchAll(/--([\w-]+):\s*(oklch\([^)]*\))/g)])
    .map(([, name, value]) => [name!, parseOklch(value!)]);
}

/** What stands in the block of a media query that is exactly this. Throws when there is none. */
function insideMedia(css: string, query: string): string {
  const start = css.indexOf(`@media ${query} {`);
  if (start < 0) throw new Error(`there is no @media ${query}`);
  const rest = css.slice(css.indexOf("{", start) + 1);
  return rest.slice(0, rest.search(/^}/m));
}

function withoutMedia(css: string): string {
  return css.replace(/^@media[\s\S]*?^}/gm, "");
}

/** Reads `oklch(0.5 0.1 255)`, also with `/ 0.16`. Throws for anything else. */
function parseOklch(text: string): Colour {
  const match = /^oklch\(([\d.]+) ([\d.]+) ([\d.]+)(?: \/ ([\d.]+))?\)$/.exec(text);
  if (!match) throw new Error(`no colour in oklch: ${text}`);
  const [lightness, chroma, hue, alpha] = match.slice(1).map((part) => Number(part ?? 1)) as [
    number,
    number,
    number,
    number,
  ];
  const angle = (hue * Math.PI) / 180;
  const [a, b] = [chroma * Math.cos(angle), chroma * Math.sin(angle)];
  // Oklab to linear sRGB, with the matrices of its definition.
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const rgb = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map((part) => Math.min(1, Math.max(0, part)));
  return { rgb: rgb as unknown as Colour["rgb"], alpha };
}

/** What is seen where a colour lies over an opaque one. Browsers mix the values as they are stored, not the light. */
export function over({ rgb, alpha }: Colour, below: Colour): Colour {
  const mixed = rgb.map((part, i) => toLight(toStored(part) * alpha + toStored(below.rgb[i]!) * (1 - alpha)));
  return { rgb: mixed as unknown as Colour["rgb"], alpha: 1 };
}

/** The same colour, so much of it. */
export function faded({ rgb }: Colour, alpha: number): Colour {
  return { rgb, alpha };
}

/** The contrast ratio of WCAG 2, from 1 to 21. */
export function contrast(one: Colour, other: Colour): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance({ rgb: [red, green, blue] }: Colour): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function toStored(light: number): number {
  return light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;
}

function toLight(stored: number): number {
  return stored <= 0.04045 ? stored / 12.92 : ((stored + 0.055) / 1.055) ** 2.4;
}
