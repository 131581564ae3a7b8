import type { ClientEnvironment, MemoryName, PageEvent } from "@/lib/client/environment";
import { createLiveClient, type LiveClient } from "@/lib/client/live-client";
import { shareTransports } from "@/lib/client/tabs/shared-transports";
import type { OpenTabLink, TabMessage } from "@/lib/client/tabs/tab-messages";
import type { OpenTransport, Transport } from "@/lib/client/transports/transport";
import type { FakeBrowser } from "./fake-browser";

const LATENCY_MS = 1;

interface Waiting {
  tab: FakeTab;
  granted: () => void;
}

interface Watch {
  tab: string;
  gone: () => void;
}

/** The tabs of one browser: what `BroadcastChannel` and Web Locks do, on the time of a fake browser. */
export class FakeTabs {
  readonly tabs: FakeTab[] = [];
  private readonly links = new Map<string, { tab: FakeTab; listener: (message: TabMessage) => void }>();
  private readonly watches = new Set<Watch>();
  private queue: Waiting[] = [];
  private holder: Waiting | undefined;
  private made = 0;

  constructor(readonly world: FakeBrowser) {}

  open(): FakeTab {
    const tab = new FakeTab(this);
    this.tabs.push(tab);
    return tab;
  }

  /** Whose turn it is to lead. */
  get leads(): FakeTab | undefined {
    return this.holder?.tab;
  }

  link(tab: FakeTab): OpenTabLink {
    return (listener) => {
      if (tab.isGone) return undefined;
      this.made += 1;
      const id = `tab-${this.made}`;
      this.links.set(id, { tab, listener });
      return {
        id,
        send: (message) => this.send(id, message),
        lead: (granted) => this.lead({ tab, granted }),
        watch: (other, gone) => {
          const watch = { tab: other, gone: () => tab.isGone || gone() };
          this.watches.add(watch);
          // What a tab said last may come after its lock is free: whoever asks for that one then has it at once.
          if (!this.links.has(other)) this.callGone(watch);
          return () => void this.watches.delete(watch);
        },
        close: () => this.unlink(id),
      };
    };
  }

  /** The tab is gone, without a word: its locks are free. */
  gone(tab: FakeTab): void {
    this.tabs.splice(this.tabs.indexOf(tab), 1);
    for (const [id, link] of this.links) if (link.tab === tab) this.unlink(id);
    this.queue = this.queue.filter((waiting) => waiting.tab !== tab);
    if (this.holder?.tab === tab) this.holder = undefined;
    this.grant();
  }

  private send(from: string, message: TabMessage): void {
    const copy = structuredClone(message);
    for (const [id, { tab, listener }] of this.links) {
      const deliver = () => this.links.has(id) && !tab.isFrozen && listener(copy);
      if (id !== from)
        this.world.elsewhere(LATENCY_MS, () => (tab.backlog ? void tab.backlog.push(deliver) : deliver()));
    }
  }

  private lead(waiting: Waiting): () => void {
    this.queue.push(waiting);
    this.grant();
    return () => {
      this.queue = this.queue.filter((other) => other !== waiting);
      if (this.holder === waiting) this.holder = undefined;
      this.grant();
    };
  }

  private grant(): void {
    this.world.elsewhere(LATENCY_MS, () => {
      if (this.holder) return;
      this.holder = this.queue.shift();
      this.holder?.granted();
    });
  }

  private unlink(id: string): void {
    this.links.delete(id);
    for (const watch of this.watches) if (watch.tab === id) this.callGone(watch);
  }

  private callGone(watch: Watch): void {
    this.world.elsewhere(LATENCY_MS, () => this.watches.delete(watch) && watch.gone());
  }
}

/** One tab: time is the browser's, visibility its own. */
export class FakeTab implements ClientEnvironment {
  readonly client: LiveClient;
  readonly userAgent = "fake";
  readonly transports: ClientEnvironment["transports"];
  readonly memory: ClientEnvironment["memory"];
  isFrozen = false;
  /** Messages that wait while its event loop is stalled. */
  backlog: (() => void)[] | undefined;
  private visible = true;
  isGone = false;
  private readonly real = new Set<Transport>();
  private readonly listeners = new Map<PageEvent, Set<() => void>>();

  constructor(private readonly browser: FakeTabs) {
    const { world } = browser;
    this.memory = {
      read: (name: MemoryName) => world.memory.read(name),
      write: (name, value) => world.memory.write(name, value),
    };
    this.transports = shareTransports(this.own(world.transports), this, browser.link(this));
    this.client = createLiveClient(this);
  }

  wall = () => this.browser.world.wall();
  mono = () => this.browser.world.mono();
  random = () => this.browser.world.random();
  after = (ms: number, run: () => void) => this.browser.world.after(ms, () => this.isGone || run());
  nextFrame = (run: () => void) => (this.visible ? this.after(16, run) : () => {});
  isOnline = () => true;
  isVisible = () => this.visible;
  isKiosk = () => false;
  page = () => "/";
  fetch: ClientEnvironment["fetch"] = () => Promise.reject(new Error("there is no network"));

  on = (event: PageEvent, listener: () => void) => {
    const set = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, set.add(listener));
    return () => void set.delete(listener);
  };

  async fire(event: PageEvent): Promise<void> {
    if (event === "visible" || event === "hidden") this.visible = event === "visible";
    if (event === "resume") this.isFrozen = false;
    for (const listener of [...(this.listeners.get(event) ?? [])]) listener();
    if (event === "freeze") this.isFrozen = true;
    await this.browser.world.advance(0);
  }

  /** Real transports of this process: they end with it. */
  private own(transports: ClientEnvironment["transports"]): ClientEnvironment["transports"] {
    const opening =
      (open: OpenTransport): OpenTransport =>
      (link) => {
        if (this.isGone) return { refresh() {}, close() {} };
        const transport = open(link);
        this.real.add(transport);
        // What the page still had to do when it ended is not done.
        return { ...transport, refresh: () => this.isGone || transport.refresh() };
      };
    const { socket, sse, "long-poll": held, poll } = transports;
    return { socket: opening(socket), sse: opening(sse), "long-poll": opening(held), poll: opening(poll) };
  }

  /** Its event loop stalls; the returned function lets it go on. */
  stall(): () => void {
    const backlog: (() => void)[] = [];
    this.backlog = backlog;
    return () => {
      this.backlog = undefined;
      for (const deliver of backlog) deliver();
    };
  }

  /** Ends the tab's process: nothing of it runs any more, and nobody is told but by the browser. */
  crash(): void {
    this.isGone = true;
    for (const transport of this.real) transport.close();
    this.browser.gone(this);
  }
}
