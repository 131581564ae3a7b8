import { accessSync, constants } from "node:fs";
import { chromium } from "playwright";

const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The browser to test with: `CHROMIUM_PATH`, else the system's, else the one that Playwright installed. */
export function findChromium(): string | undefined {
  const asked = process.env.CHROMIUM_PATH;
  if (asked) return asked;
  return [...PLACES, chromium.executablePath()].find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** How every test starts the browser: alone, quiet, and over TCP only, so that the proxy sees all of it. */
export function launchOptions() {
  return {
    executablePath: findChromium(),
    headless: true,
    args: [
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      // Chromium refuses its sandbox to root; what is tested here is our own page only.
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    ],
  };
}
