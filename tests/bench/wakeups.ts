/**
 * `npm run bench:wakeups`: how often live pages wake a device up, visible and hidden, in Chromium, while orders and
 * figures come in once a second.
 *
 *   --seconds N    how long pages are counted in each state, 60 by default
 *   --check        exit code 1 when a hidden page does anything, or saving data does not help
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type Browser, chromium, type Page } from "playwright";
import { launchOptions } from "@/tests/support/chromium";
import { startProducer } from "@/tests/support/producer";
import { startServer } from "@/tests/support/start-server";
import { countWakeUps, setVisible, untilParked, type WakeUps } from "@/tests/support/wake-ups";
import { machine, number, table } from "./report";

const WARM_UP_MS = 10_000;
const LIVE_MS = 60_000;
const EVERY_MS = 250;

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "60" }, check: { type: "boolean", default: false } },
});
const seconds = Number(values.seconds);
if (!(Number.isInteger(seconds) && seconds > 0)) throw new Error(`--seconds needs a whole number of seconds`);

interface Subject {
  name: string;
  path: string;
  savesData?: boolean;
}

const SUBJECTS: Subject[] = [
  { name: "Overview", path: "/" },
  { name: "Overview, data saver", path: "/", savesData: true },
  { name: "Business", path: "/business" },
  { name: "Database", path: "/database" },
];

interface Opened extends Subject {
  page: Page;
  count: () => Promise<WakeUps>;
}

async function open(browser: Browser, url: string, subject: Subject): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const count = await countWakeUps(page);
  if (subject.savesData) await page.addInitScript(() => localStorage.setItem("nowboard:saver", "on"));
  await page.goto(`${url}${subject.path}`);
  const isLive = () => window.__nowboard?.connection().status === "live";
  await page.waitForFunction(isLive, undefined, { timeout: LIVE_MS });
  return { ...subject, page, count };
}

/** Counts in all pages for the same time; by the minute. */
async function countAll(pages: readonly Opened[]): Promise<WakeUps[]> {
  await Promise.all(pages.map(({ count }) => count()));
  await sleep(seconds * 1000);
  const counts = await Promise.all(pages.map(({ count }) => count()));
  const byMinute = (of: WakeUps) =>
    Object.fromEntries(
      Object.entries(of).map(([kind, n]) => [kind, (n * 60) / seconds]),
    ) as unknown as WakeUps;
  return counts.map(byMinute);
}

function rows(pages: readonly Opened[], state: string, counts: readonly WakeUps[]): string[][] {
  return pages.map(({ name }, i) => {
    const { moments, timers, frames, requests, messages } = counts[i]!;
    return [name, state, ...[moments, timers, frames, requests, messages].map((n) => number(Math.round(n)))];
  });
}

const server = await startServer();
const browser = await chromium.launch(launchOptions());
const producer = startProducer(server, { everyMs: EVERY_MS, figureMs: 1000 });
try {
  const pages: Opened[] = [];
  for (const subject of SUBJECTS) pages.push(await open(browser, server.url, subject));
  await sleep(WARM_UP_MS);
  const visible = await countAll(pages);
  await Promise.all(pages.map(({ page }) => setVisible(page, false)));
  await Promise.all(pages.map(({ page }) => untilParked(page)));
  const hidden = await countAll(pages);
  const head = ["page", "state", "wake-ups/min", "timers", "frames", "requests", "messages"];
  const lines = [
    head,
    ...rows(pages, "visible", visible),
    ...rows(pages, "hidden for over a minute", hidden),
  ];
  process.stdout.write(`${table(lines)}\n\n${machine()}, Chromium ${browser.version()}\n`);
  const [usual, saving] = visible;
  const isQuiet = hidden.every(({ moments }) => moments === 0);
  const isSaved = saving!.messages < usual!.messages;
  process.stdout.write(`hidden pages do ${isQuiet ? "nothing" : "something"}; `);
  process.stdout.write(`saving data ${isSaved ? "helps" : "does not help"}\n`);
  if (values.check && !(isQuiet && isSaved)) process.exitCode = 1;
} finally {
  await producer.stop();
  await browser.close();
  await server.close();
}
