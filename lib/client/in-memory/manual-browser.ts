import type { ClientEnvironment, MemoryName, PageEvent } from "../environment";
import type { Rung } from "../ladder-state";
import type { OpenTransport } from "../transports/transport";

interface Timer {
  at: number;
  run: () => void;
  /** Set by the page, not by the world around it. */
  isWakeUp: boolean;
}

/** Lets promises and microtasks settle. */
async function settle(): Promise<void> {
  for (let i = 0; i < 30; i += 1) await Promise.resolve();
}

/** A browser whose time moves only when told to. Times are ms. */
export class ManualBrowser implements ClientEnvironment {
  wallTime = 1_800_000_000_000;
  monoTime = 1000;
  randomValue = 0.5;
  online = true;
  visible = true;
  kiosk = false;
  remembered: Partial<Record<MemoryName, string | null>> = {};
  readonly userAgent = "fake";
  path = "/";
  fetch: ClientEnvironment["fetch"] = () => Promise.reject(new Error("there is no network"));
  transports!: Readonly<Record<Rung, OpenTransport>>;
  protected readonly timers = new Set<Timer>();
  private readonly listeners = new Map<PageEvent, Set<() => void>>();

  wall = () => this.wallTime;
  mono = () => this.monoTime;
  random = () => this.randomValue;

  after = (ms: number, run: () => void) => this.schedule(ms, run, true);

  /** The same for the network and the server, which run while the page does not. */
  elsewhere = (ms: number, run: () => void) => this.schedule(ms, run, false);

  /** Animation frames come every 16 ms while the page is visible, and never while it is hidden. */
  nextFrame = (run: () => void) => (this.visible ? this.after(16, run) : () => {});

  on = (event: PageEvent, listener: () => void) => {
    const set = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, set.add(listener));
    return () => void set.delete(listener);
  };

  page = () => this.path;
  isOnline = () => this.online;
  isVisible = () => this.visible;
  isKiosk = () => this.kiosk;

  memory = {
    read: (name: MemoryName) => this.remembered[name] ?? null,
    write: (name: MemoryName, value: string | null) => {
      this.remembered[name] = value;
    },
  };

  async fire(event: PageEvent): Promise<void> {
    if (event === "online" || event === "offline") this.online = event === "online";
    if (event === "visible" || event === "hidden") this.visible = event === "visible";
    for (const listener of [...(this.listeners.get(event) ?? [])]) listener();
    await settle();
  }

  /** Moves time on, running each timer when it is due. */
  async advance(ms: number): Promise<void> {
    await settle();
    const end = this.monoTime + ms;
    for (;;) {
      const due = [...this.timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.pass(Math.max(0, due.at - this.monoTime));
      this.timers.delete(due);
      due.run();
      await settle();
    }
    this.pass(end - this.monoTime);
  }

  private schedule(ms: number, run: () => void, isWakeUp: boolean): () => void {
    const timer = { at: this.monoTime + ms, run, isWakeUp };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  }

  private pass(ms: number): void {
    this.monoTime += ms;
    this.wallTime += ms;
  }
}
