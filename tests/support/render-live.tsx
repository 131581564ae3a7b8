import { act, cleanup, type RenderResult, render } from "@testing-library/react";
import {
  AppRouterContext,
  type AppRouterInstance,
} from "next/dist/shared/lib/app-router-context.shared-runtime";
import { SearchParamsContext } from "next/dist/shared/lib/hooks-client-context.shared-runtime";
import type { ReactNode } from "react";
import { onTestFinished, vi } from "vitest";
import { ClientContext, PlaceContext } from "@/components/live/live-context";
import { LivePage } from "@/components/live/live-page";
import { browserEnvironment } from "@/lib/client/browser-environment";
import { changeOf, type ReadingOf } from "@/lib/client/in-memory/change-of";
import { MemoryServer } from "@/lib/client/in-memory/memory-server";
import { createLiveClient, type LiveClient } from "@/lib/client/live-client";
import type { Channel } from "@/lib/shared/define-channel";
import type { Change } from "@/lib/shared/state";

/** A frame's way to the browser, a chart's next repaint, and that of its texts, ms. */
const SHOWN_MS = 1000;
/** The longest back-off and a try, ms. */
const RETRY_MS = 31_000;

/** Links lead nowhere in a test. */
const ROUTER: AppRouterInstance = {
  ...{ back() {}, forward() {}, refresh() {}, push() {}, replace() {}, prefetch() {} },
  bfcacheId: "",
};

type Extra = Pick<Change, "ts" | "by">;

/** A page and its server, both in memory. Each step takes a second, in which the page shows what follows from it. */
export interface Live extends RenderResult {
  readonly client: LiveClient;
  readonly server: MemoryServer;
  /** A producer sends a reading, a row or an item. */
  push<C extends Channel>(channel: C, reading: ReadingOf<C>, extra?: Extra): Promise<void>;
  /** The same, but the frame is lost on its way: the page notices by the next frame, or by a beat within 10 s. */
  gap<C extends Channel>(channel: C, reading: ReadingOf<C>, extra?: Extra): Promise<void>;
  /** The channel's source says why it has no reading. */
  fail(channel: Channel, reason: string): Promise<void>;
  /** The connection breaks, and nothing gets through. The server and its producers go on. */
  disconnect(): Promise<void>;
  /** The network is back, and so is the page. */
  reconnect(): Promise<void>;
  /** Moves all clocks on, ms: the page's, the server's, and the timers of what is rendered. */
  advance(ms: number): Promise<void>;
  /** The code has come that the page loads late: the whole of a table, the menu of a chart. */
  loaded(): Promise<void>;
}

interface RenderLiveOptions {
  /** What the page reads: as for `DashboardPage`. */
  channels: readonly Channel[];
  /** What has come before the page is rendered. */
  before?: (server: {
    push: <C extends Channel>(channel: C, reading: ReadingOf<C>, extra?: Extra) => void;
  }) => void;
  /** When the test begins, ms since 1970. */
  now?: number;
}

/**
 * Renders client components as on a page, with the real client reading real frames from a server in memory. Until the
 * test ends all timers are vitest's and move with `advance` alone: look at the page after each step, without waiting.
 * Needs `// @vitest-environment jsdom` in the test file's first line.
 */
export async function renderLive(
  ui: ReactNode,
  { channels, before, now = Date.UTC(2027, 0, 15, 12) }: RenderLiveOptions,
): Promise<Live> {
  vi.useFakeTimers({ now });
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  standIns();
  const real = browserEnvironment();
  const server = new MemoryServer({ wall: Date.now, after: real.after }, channels);
  const publish = (channel: Channel, reading: ReadingOf<Channel>, extra?: Extra) =>
    void server.publish(channel.name, { ...changeOf(channel, reading), ...extra });
  before?.({ push: publish });
  const page = server.page(
    channels.map(({ name }) => name),
    true,
  );
  // Without chance: the tries to reconnect come at the same times in each run.
  const random = () => 0.5;
  const client = createLiveClient({ ...real, random, transports: server.transports, fetch: server.fetch });
  const advance = (ms: number) => act(async () => void (await vi.advanceTimersByTimeAsync(ms)));
  onTestFinished(() => {
    cleanup();
    client.stop();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  const rendered = render(
    <AppRouterContext value={ROUTER}>
      <SearchParamsContext value={new URLSearchParams()}>
        <ClientContext value={client}>
          <PlaceContext value={{ locale: "en-GB", timeZone: "UTC" }}>
            <LivePage page={page}>{ui}</LivePage>
          </PlaceContext>
        </ClientContext>
      </SearchParamsContext>
    </AppRouterContext>,
  );
  act(() => client.start());
  await advance(SHOWN_MS);

  const shown = (change: () => void) =>
    act(async () => {
      change();
      await vi.advanceTimersByTimeAsync(SHOWN_MS);
    });
  return Object.assign(rendered, {
    client,
    server,
    advance,
    push: (channel, reading, extra) => shown(() => publish(channel, reading, extra)),
    gap: (channel, reading, extra) =>
      shown(() => {
        server.loseNextFrame();
        publish(channel, reading, extra);
      }),
    fail: (channel, reason) => shown(() => void server.publish(channel.name, { down: reason })),
    disconnect: () => shown(() => server.disconnect()),
    async loaded() {
      await act(async () => void (await vi.dynamicImportSettled()));
      await advance(SHOWN_MS);
    },
    async reconnect() {
      server.reconnect();
      for (let waited = 0; waited < RETRY_MS && client.connection().status !== "live"; waited += 100)
        await advance(100);
      await advance(SHOWN_MS);
    },
  } satisfies Omit<Live, keyof RenderResult>);
}

/** What jsdom has not: everything is on the screen, and nobody minds motion. */
function standIns(): void {
  vi.stubGlobal(
    "IntersectionObserver",
    class {
      constructor(private readonly told: (entries: object[]) => void) {}
      observe() {
        this.told([{ isIntersecting: true }]);
      }
      disconnect() {}
    },
  );
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {}
      unobserve() {}
      disconnect() {}
    },
  );
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener() {}, removeEventListener() {} }));
  Element.prototype.scrollTo ??= () => {};
  // A table holds the rows that fit its box.
  for (const [side, px] of [
    ["clientWidth", 1000],
    ["clientHeight", 600],
  ] as const)
    Object.defineProperty(Element.prototype, side, { configurable: true, value: px });
  Element.prototype.animate ??= () => ({ cancel() {} }) as Animation;
}
