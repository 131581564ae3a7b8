import { RUNGS, type Rung } from "@/lib/client/ladder-state";
import type { TransportLink } from "@/lib/client/transports/transport";
import type { Subscribe } from "@/lib/shared/protocol";
import type { FakeBrowser } from "./fake-browser";

interface FakeTransport {
  link: TransportLink;
  isOpen: boolean;
  /** What it has asked for, by being opened and by each refresh. */
  asked: Subscribe[];
}

/** Transports that say nothing by themselves: a test speaks through the link of the one opened last. */
export class FakeRungs {
  readonly opened: Record<Rung, FakeTransport[]> = { socket: [], sse: [], "long-poll": [], poll: [] };

  constructor(browser: FakeBrowser) {
    const transports = RUNGS.map((rung) => [rung, (link: TransportLink) => this.add(rung, link)]);
    browser.transports = Object.fromEntries(transports);
  }

  get open(): Rung[] {
    return RUNGS.filter((rung) => this.opened[rung].some(({ isOpen }) => isOpen));
  }

  last(rung: Rung): FakeTransport {
    return this.opened[rung].at(-1)!;
  }

  private add(rung: Rung, link: TransportLink) {
    const mine: FakeTransport = { link, isOpen: true, asked: [link.subscription()] };
    this.opened[rung].push(mine);
    return {
      refresh: () => void mine.asked.push(link.subscription()),
      close: () => {
        mine.isOpen = false;
      },
    };
  }
}
