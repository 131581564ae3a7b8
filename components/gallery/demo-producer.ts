import { changeOf, type ReadingOf } from "@/lib/client/in-memory/change-of";
import type { MemoryServer } from "@/lib/client/in-memory/memory-server";
import type { Channel } from "@/lib/shared/define-channel";
import { sales, shelves, shop } from "./gallery-channels";

const ITEMS = ["Green tea", "Tea pot", "Desk lamp", "Notebook", "Mug", "Bread knife"];
const CUSTOMERS = ["Ada", "Ben", "Chidi", "Dana", "Emre"];

/** The same numbers in [0, 1) each time, one after the other. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    // The constants of a well-known linear congruential generator, of which the upper bits are taken.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The producer `demo`: each second it sends what happens in a shop that there is not, always the same. */
export class DemoProducer {
  private readonly random = sequence(7);
  private second = 0;
  private orders = 1180;
  private readonly left = ITEMS.map((_, i) => 40 - 5 * i);
  private readonly sold = ITEMS.map((_, i) => 12 + 3 * i);

  constructor(private readonly server: MemoryServer) {}

  /** Sends what happened in the last second. */
  tick(): void {
    this.second += 1;
    const { random, second } = this;
    const wave = (period: number) => Math.sin((2 * Math.PI * second) / period);
    const [web, app, desk] = [
      Math.round(52 + 14 * wave(170) + 6 * random()),
      Math.round(34 + 8 * wave(110) + 5 * random()),
      Math.round(9 + 3 * wave(60) + 3 * random()),
    ];
    // Often enough for the feed to be fresh.
    const isSale = second % 3 === 0 || random() < 0.3 + 0.3 * wave(140);
    if (isSale) this.orders += 1;
    this.send(shop, {
      ...{ web, app, desk, visitors: web + app + desk, orders: this.orders },
      storage: Math.round(78 + 5 * wave(300) + random()),
      ...{ fast: 40 + 20 * wave(90) + 8 * random(), usual: 16 + 7 * wave(45) + 4 * random() },
      slow: 2 + 2 * wave(30) + 2 * random(),
    });
    const shelf = second % ITEMS.length;
    // Somebody fills what is nearly empty.
    this.left[shelf] = this.left[shelf]! > 4 ? this.left[shelf]! - Math.round(2 * random()) : 40;
    this.sold[shelf] = this.sold[shelf]! + 1;
    this.send(shelves, {
      ...{ shelf: `A${shelf + 1}`, item: ITEMS[shelf]! },
      ...{ left: this.left[shelf]!, sold: this.sold[shelf]! },
    });
    if (!isSale) return;
    this.send(sales, {
      item: ITEMS[Math.floor(random() * ITEMS.length)]!,
      customer: CUSTOMERS[Math.floor(random() * CUSTOMERS.length)]!,
      amount: Math.round(500 + 9500 * random()) / 100,
    });
  }

  private send<C extends Channel>(channel: C, reading: ReadingOf<C>): void {
    this.server.publish(channel.name, { ...changeOf(channel, reading), by: "demo" });
  }
}
