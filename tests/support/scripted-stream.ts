import type { Stream, StreamContext } from "@/lib/server/sources/stream";
import { createStreamRunner } from "@/lib/server/sources/stream-runner";
import { ingestValidator } from "@/lib/server/transports/ingest-schema";
import { type Channel, defineChannel } from "@/lib/shared/define-channel";
import type { Message, StreamOptions } from "@/lib/shared/sources/options";
import type { ChannelState } from "@/lib/shared/state";
import { ManualClock, settled } from "./manual-clock";
import { ModelLog } from "./model-log";

export const record = defineChannel({
  kind: "record",
  name: "meter",
  title: "Meter",
  cadence: 1000,
  maxAge: 5000,
  filledBy: "source",
  metrics: { a: { title: "A", unit: "count" }, b: { title: "B", unit: "count" } },
});

export const table = defineChannel({
  kind: "table",
  name: "shelf",
  title: "Shelf",
  cadence: 1000,
  maxAge: 5000,
  filledBy: "source",
  key: "id",
  maxRows: 3,
  columns: { id: { title: "Id", type: "text" }, n: { title: "N", type: "number" } },
});

export const feed = defineChannel({
  kind: "feed",
  name: "orders",
  title: "Orders",
  cadence: 1000,
  maxAge: 5000,
  keep: 100,
  filledBy: "source",
  fields: { n: { title: "N", type: "number" } },
});

/** One connection of a scripted stream, which a test plays. */
export interface Connection {
  at: number;
  context: StreamContext;
  /** The broker ends it. */
  end(error?: Error): void;
}

export const message = (value: unknown, more: Partial<Message> = {}): Message => ({
  value,
  topic: "t",
  ...more,
});

export interface Script extends StreamOptions {
  channel?: Channel;
  log?: ModelLog;
  /** Does not heed its signal. */
  isDeaf?: boolean;
  /** Says that it is connected at once. */
  isReady?: boolean;
  stateOf?: (channel: string) => ChannelState | undefined;
  /** Instead of what a test plays. */
  run?: Stream["run"];
}

/** A stream runner on a clock of the test's, whose connections the test plays. */
export function runScript(script: Script = {}) {
  const { channel = record, log = new ModelLog(), isReady = true, isDeaf = false, policy, map } = script;
  const clock = new ManualClock();
  const connections: Connection[] = [];
  const lines: string[] = [];
  const failed: string[] = [];
  function run(context: StreamContext): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (error?: Error) => (error ? reject(error) : resolve());
      connections.push({ at: clock.time, context, end });
      if (!isDeaf) context.signal.addEventListener("abort", () => resolve());
      if (isReady) context.ready();
    });
  }
  const stream: Stream = {
    ...{ channel, kind: "Script", target: "a script", policy, map },
    run: script.run ?? run,
  };
  const runner = createStreamRunner({
    ...{ stream, clock },
    append: (request) => log.append(request),
    places: (of) => log.places(of),
    validate: ingestValidator(channel),
    stateOf: script.stateOf ?? (() => undefined),
    log: {
      info: (_: object, line: string) => lines.push(line),
      warn: (_: object, line: string) => lines.push(line),
    } as never,
    failed: (name) => failed.push(name),
  });
  return {
    ...{ clock, log, runner, connections, lines, failed },
    /** Begins, and waits for the first connection. */
    async start() {
      runner.start();
      await settled();
      return connections[0]!;
    },
    /** What was stored, without reasons for missing data. */
    stored: () => log.updates.filter(({ down }) => down === undefined),
    downs: () => log.updates.flatMap(({ down }) => (down === undefined ? [] : [down])),
  };
}
