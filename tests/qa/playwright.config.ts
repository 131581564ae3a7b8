import { defineConfig } from "playwright/test";
import { launchOptions } from "@/tests/support/chromium";
import { runningDeployment } from "@/tests/support/deployment";

export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.ts",
  outputDir: ".output",
  fullyParallel: true,
  // In one deployment tests would see what others send.
  workers: runningDeployment() ? 1 : 2,
  retries: 0,
  timeout: 240_000,
  forbidOnly: Boolean(process.env.CI),
  expect: { timeout: 20_000 },
  reporter: [["list"], ["./reporter.ts"]],
  use: {
    launchOptions: { ...launchOptions(), ignoreDefaultArgs: ["--disable-back-forward-cache"] },
    viewport: { width: 1440, height: 900 },
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    trace: "retain-on-failure",
  },
});
