import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type Figures, figuresOf, figuresPosts, newsPosts, QUIET_MS } from "./posts";
import { type SenderOptions, sendPost } from "./sender";
import { openShop, type Shop, type ShopOptions, skipTo, step, timeOf } from "./simulation";

const USAGE = `Usage: npm run demo -- [options]
  --url URL    the server (http://127.0.0.1:3000)
  --seed N     another number makes another shop (1)
  --rate N     orders a minute in an average hour, 0.1 to 600 (10)
  --key KEY    the ingest key (NOWBOARD_INGEST_KEY)`;

const STEP_MS = 1000;
/** A feed that starts empty begins with the orders of this long, ms; the log remembers keys for longer. */
const BEGIN_WITH_MS = 10 * 60_000;
/** After a longer silence the orders in it count in the totals but are not posted one by one, ms. */
const MAX_BEHIND_MS = 60 * 60_000;

interface Command extends ShopOptions {
  url: URL;
  ingestKey?: string;
}

/** Reads the command line; throws a sentence for a mistake in it. */
function readCommand(args: string[]): Command | "help" {
  const { values } = parseArgs({
    args,
    options: {
      url: { type: "string", default: "http://127.0.0.1:3000" },
      seed: { type: "string", default: "1" },
      rate: { type: "string", default: "10" },
      key: { type: "string", default: process.env.NOWBOARD_INGEST_KEY },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  const url = URL.canParse(values.url) ? new URL(values.url) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") throw new Error("--url is not a web address");
  const [seed, rate] = [Number(values.seed), Number(values.rate)];
  if (!Number.isInteger(seed)) throw new Error("--seed is not a whole number");
  if (!(rate >= 0.1 && rate <= 600)) throw new Error("--rate is not between 0.1 and 600");
  return { url: url!, seed, rate, ingestKey: values.key || undefined };
}

/** The shop at the time from which its orders are posted. */
function begin(options: ShopOptions, now: number): Shop {
  return skipTo(openShop(options, now), now - BEGIN_WITH_MS);
}

/** Posts what happens in the shop, second by second, until the signal; orders before the totals they are in. */
async function run(command: Command, sender: SenderOptions): Promise<void> {
  const { signal } = sender;
  let shop = begin(command, Date.now());
  let posted: { figures: Figures; at: number } | undefined;
  for (;;) {
    const now = Date.now();
    if (now - timeOf(shop) > MAX_BEHIND_MS) shop = begin(command, now);
    const { shop: next, ...news } = step(shop, now);
    shop = next;
    for (const post of newsPosts(news)) await sendPost(post, sender);
    const at = timeOf(shop);
    if (!posted || news.orders.length > 0 || at - posted.at >= QUIET_MS) {
      const figures = figuresOf(shop);
      for (const post of figuresPosts(posted?.figures, figures, at)) await sendPost(post, sender);
      posted = { figures, at };
    }
    await sleep(STEP_MS - (Date.now() % STEP_MS), undefined, { signal });
  }
}

async function main(): Promise<void> {
  const command = readCommand(process.argv.slice(2));
  if (command === "help") return console.log(USAGE);
  const { url, seed, rate, ingestKey } = command;
  console.log(
    `Demo: posting a made-up shop's orders to ${url.origin}, about ${rate} a minute, seed ${seed}. Ctrl+C ends it.`,
  );
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  const onTrouble = (reason: string) => console.error(`Demo: ${reason}; trying again until it is stored.`);
  try {
    await run(command, { url, ingestKey, signal: stop.signal, onTrouble });
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
}

main().catch((error: Error) => {
  console.error(`Demo: ${error.message}`);
  process.exitCode = 1;
});
