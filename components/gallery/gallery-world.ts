import { ManualBrowser } from "@/lib/client/in-memory/manual-browser";
import { MemoryServer } from "@/lib/client/in-memory/memory-server";
import { createLiveClient, type LiveClient } from "@/lib/client/live-client";
import type { PageSnapshot } from "@/lib/shared/protocol";
import { DemoProducer } from "./demo-producer";
import { galleryChannels } from "./gallery-channels";
import type { GalleryState } from "./gallery-state";

const SECOND_MS = 1000;
/** What has happened before the page is opened: more than a chart shows, ms. */
const PAST_MS = 330 * SECOND_MS;
const NAMES = galleryChannels.map(({ name }) => name);

/** How long each state takes to come about, ms. */
const TAKES_MS: Record<GalleryState, number> = {
  live: 1000,
  late: 9 * SECOND_MS,
  stale: 29 * SECOND_MS,
  lost: 150 * SECOND_MS,
  disconnected: 3 * SECOND_MS,
  empty: 1000,
  error: 1000,
};

/**
 * A shop, its server and a browser's clock, all in memory: the real client reads real frames, and each state comes about as
 * it does on a real page, in no time. `now` is when that is, ms; the same `now` gives the same world.
 */
export class GalleryWorld {
  /** What the widgets are first rendered from, on the server and in the browser. */
  readonly page: PageSnapshot;
  private readonly browser = new ManualBrowser();
  private readonly server: MemoryServer;
  private readonly producer: DemoProducer;
  private hasPlayed = false;

  constructor(
    private readonly state: GalleryState,
    now: number,
  ) {
    const { browser } = this;
    const opened = now - TAKES_MS[state];
    browser.wallTime = opened - PAST_MS;
    this.server = new MemoryServer(
      { wall: () => browser.wallTime, after: browser.elsewhere },
      galleryChannels,
    );
    this.producer = new DemoProducer(this.server);
    for (; browser.wallTime < opened; browser.wallTime += SECOND_MS)
      if (state !== "empty") this.producer.tick();
    this.page = this.server.page(NAMES, true);
    browser.transports = this.server.transports;
    // What is painted waits for the screen: a chart whose code comes once time stands still is drawn all the same.
    browser.nextFrame = (run) => {
      const frame = requestAnimationFrame(run);
      return () => cancelAnimationFrame(frame);
    };
    browser.fetch = this.server.fetch;
  }

  createClient(): LiveClient {
    return createLiveClient(this.browser);
  }

  /** Brings the state about, once the client has started. Calling it again changes nothing. */
  async play(): Promise<void> {
    if (this.hasPlayed) return;
    this.hasPlayed = true;
    const { state, server, browser } = this;
    await browser.advance(100);
    if (state === "disconnected") server.disconnect();
    if (state === "lost")
      for (const channel of galleryChannels)
        server.publish(channel.name, { down: "The till does not answer" });
    await browser.advance(TAKES_MS[state] - 100);
  }

  /** A second passes in which the shop sells. */
  async tick(): Promise<void> {
    this.producer.tick();
    await this.browser.advance(SECOND_MS);
  }
}
