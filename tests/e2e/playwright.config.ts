import { defineConfig } from "playwright/test";
import { launchOptions } from "@/tests/support/chromium";
import { runningDeployment } from "@/tests/support/deployment";

export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.ts",
  outputDir: ".output",
  fullyParallel: true,
  // Each test runs a server and a browser of its own; in one deployment tests would see what others send.
  workers: runningDeployment() ? 1 : 2,
  // A test that passes the second time has found something.
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  // Generous, for busy machines; where a promise names a time, its test gives that instead.
  timeout: 300_000,
  expect: { timeout: 20_000 },
  reporter: "list",
  use: {
    launchOptions: launchOptions(),
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    trace: "retain-on-failure",
  },
});
