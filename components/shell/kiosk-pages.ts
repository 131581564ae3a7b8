import { PAGES } from "./pages";

/** How a wall screen shows its pages. */
export interface KioskPlan {
  /** Paths, in turn; a single page stays. */
  pages: readonly string[];
  everyMs: number;
}

const EVERY_S = 30;

/**
 * Reads `?kiosk`, `?kiosk=business,infrastructure&every=20` (seconds, 5 to 3600; 30 by default); `undefined` without
 * `kiosk`, or with one that says no. Pages that there are not are left out. Pure.
 */
export function kioskPlan(kiosk: string | undefined, every: string | undefined): KioskPlan | undefined {
  if (kiosk === undefined || /^(no|off|false|0)$/i.test(kiosk)) return undefined;
  const names = kiosk
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
  const paths = names.map((name) => (name === "overview" ? "/" : `/${name}`));
  const seconds = Number(every);
  const isTime = every !== undefined && seconds >= 5 && seconds <= 3600;
  return {
    pages: paths.filter((path) => PAGES.some(({ href }) => href === path)),
    everyMs: 1000 * (isTime ? seconds : EVERY_S),
  };
}

/** The page after this one. */
export function nextPage(pages: readonly string[], path: string): string | undefined {
  return pages.length < 2 ? undefined : pages[(pages.indexOf(path) + 1) % pages.length];
}
