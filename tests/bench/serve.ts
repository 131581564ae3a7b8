import { setImmediate as turn } from "node:timers/promises";
import { answerCalls } from "./calls";
import { createPublisher, type Due, type Load, type Numbers, type Publisher } from "./load";

export interface ServerStart {
  port: number;
  /** For what the server stores. */
  folder: string;
  /** Where several servers meet. */
  redisUrl?: string;
  load: Load;
  /** Where the running numbers go on, for a server that does not know. */
  numbers: Numbers;
  /** Publish as soon as it listens. */
  publish: boolean;
}

/** A server under test. */
export interface Served {
  /** Its channels' last running numbers, when it has kept them. */
  stored?: Numbers;
  publish(batch: Due[]): Promise<unknown>;
  listen(): Promise<void>;
}

export interface Usage {
  /** CPU time of this process with all its threads, since its start, µs. */
  cpuUs: number;
  /** Updates since the start. */
  published: number;
  numbers: Numbers;
  rssMb: number;
}

export interface ServerCalls {
  /** Resolves once it listens. */
  start(start: ServerStart): Promise<void>;
  publish(arg: null): void;
  /** Publishes so many updates of each channel, as fast as they are stored. */
  fill(updates: number): Promise<void>;
  /** Ends the schedule; resolves with the last numbers when all is published. */
  halt(arg: null): Promise<Numbers>;
  /** `collect`: after a garbage collection, where the process was started with `--expose-gc`. */
  usage(arg: { collect: boolean }): Promise<Usage>;
}

const FILL_STEP = 50;
const MB = 1024 * 1024;

/** Offers a server to the benchmark: both peers publish in process, by the same schedule. */
export function serve(open: (start: ServerStart) => Promise<Served>): void {
  let publisher: Publisher | undefined;
  const pending = new Set<Promise<unknown>>();

  function running(): Publisher {
    if (!publisher) throw new Error("the server has not been started");
    return publisher;
  }

  async function settled(): Promise<void> {
    while (pending.size > 0) await Promise.all(pending);
  }

  answerCalls<ServerCalls>({
    start: async (start) => {
      const served = await open(start);
      publisher = createPublisher(start.load, served.stored ?? start.numbers, (batch) => {
        const published = served.publish(batch).finally(() => pending.delete(published));
        pending.add(published);
      });
      await served.listen();
      if (start.publish) publisher.start();
    },
    publish: () => running().start(),
    fill: async (updates) => {
      for (let done = 0; done < updates; done += FILL_STEP) {
        running().burst(FILL_STEP);
        await settled();
      }
    },
    halt: async () => {
      running().stop();
      await settled();
      return running().numbers;
    },
    usage: async ({ collect }) => {
      // Twice, with a turn between them: buffers are freed only after what held them is gone.
      for (let i = 0; collect && i < 2; i++) {
        globalThis.gc?.();
        await turn();
      }
      const { user, system } = process.cpuUsage();
      const { published, numbers } = running();
      return { cpuUs: user + system, published, numbers, rssMb: process.memoryUsage.rss() / MB };
    },
  });
  // An orderly exit, so that `--cpu-prof` writes its file.
  process.once("SIGTERM", () => process.exit(0));
}
