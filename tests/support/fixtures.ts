import { test as base, expect } from "playwright/test";
import { runningDeployment } from "@/tests/support/deployment";
import { type NetworkProxy, startNetworkProxy } from "@/tests/support/network-proxy";
import {
  type Producer,
  type ProducerOptions,
  publishWhenTaken,
  startProducer,
} from "@/tests/support/producer";
import { type NowboardServer, startServer } from "@/tests/support/start-server";
import { watchPage } from "@/tests/support/witness";

interface Fixtures {
  /** The product, with a data folder of its own; or the deployment that `NOWBOARD_URL` names. */
  nowboard: NowboardServer;
  /** The network in front of it. Pages are opened through it: `page.goto("/")`. */
  network: NetworkProxy;
  /** Sends one body through ingest, not through `network`; resolves when it is stored. */
  publish(channel: string, body: unknown): Promise<string>;
  /** Starts sending numbered orders, one each so many ms; they go on until the test stops them or ends. */
  produce(options: number | ProducerOptions): Producer;
  /** What went wrong in any page of the test, in words. Unless a test empties it, it must end empty. */
  pageErrors: string[];
}

/**
 * What Chromium itself writes when a connection fails, which is no fault of a page whose network was cut. The last
 * is of the service worker's script, which it asks for after each navigation when it sees fit.
 */
const NETWORK_MESSAGE =
  /^(Failed to load resource: |WebSocket connection to |EventSource's response has a )|net::ERR_|^An unknown error occurred when fetching the script\.$/;
const OFFLINE_MESSAGE = /net::ERR_INTERNET_DISCONNECTED/;

/** How many orders a deployment already has: numbering goes on from there. */
async function countOrders(url: string): Promise<number> {
  const answer = await fetch(`${url}/api/live/snapshot?channels=orders`);
  return (await answer.json()).snapshot.orders.count;
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures' names from the pattern.
  nowboard: async ({}, use, testInfo) => {
    const server = runningDeployment() ?? (await startServer());
    await use(server);
    await server.close();
    if (testInfo.status !== testInfo.expectedStatus)
      await testInfo.attach("server output", { body: server.output(), contentType: "text/plain" });
  },

  network: async ({ nowboard }, use, testInfo) => {
    const proxy = await startNetworkProxy(nowboard.port, nowboard.host);
    await use(proxy);
    if (testInfo.status !== testInfo.expectedStatus)
      await testInfo.attach("network", { body: JSON.stringify(proxy.counts, null, 2) });
    await proxy.close();
  },

  page: async ({ page }, use) => {
    await watchPage(page);
    await use(page);
  },

  baseURL: async ({ network }, use) => use(network.url),

  publish: async ({ nowboard }, use) => use((channel, body) => publishWhenTaken(nowboard, channel, body)),

  produce: async ({ nowboard }, use) => {
    const producers: Producer[] = [];
    const taken = nowboard.isOwn ? 0 : await countOrders(nowboard.url);
    await use((options) => {
      const given = typeof options === "number" ? { everyMs: options } : options;
      const producer = startProducer(nowboard, { taken, ...given });
      producers.push(producer);
      return producer;
    });
    await Promise.all(producers.map((producer) => producer.stop()));
  },

  pageErrors: [
    async ({ context, network, nowboard }, use) => {
      const errors: string[] = [];
      const isDisturbed = () => network.wasFaulty || nowboard.disturbances > 0;
      context.on("weberror", (error) => errors.push(`page error: ${error.error()}`));
      context.on("console", (message) => {
        if (message.type() !== "error" || OFFLINE_MESSAGE.test(message.text())) return;
        if (isDisturbed() && NETWORK_MESSAGE.test(message.text())) return;
        errors.push(`console: ${message.text()} (${message.location().url})`);
      });
      await use(errors);
      expect(errors).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
