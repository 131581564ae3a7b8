/** A process of producers that post to ingest, each over a connection of its own. */
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { answerCalls } from "./calls";
import { wallNow } from "./clock";
import { Latencies, type LatencyCounts } from "./latencies";
import { channelNames, createLine, type Load, type Numbers } from "./load";

export interface ProducerStart {
  port: number;
  load: Load;
  /** Updates in one post. */
  batch: number;
  /** Posts a second and channel, evenly spread; without it each posts as fast as it is answered. */
  perSecond?: number;
}

export interface ProducerFigures {
  /** Updates that were acknowledged. */
  accepted: number;
  posts: number;
  /** From when a post was due to its acknowledgement. */
  latencies: LatencyCounts;
  numbers: Numbers;
}

export interface ProducerCalls {
  start(start: ProducerStart): void;
  /** What was acknowledged since the last time this was asked. */
  figures(arg: null): ProducerFigures;
  /** Ends it; resolves with the last numbers once all posts are answered. */
  halt(arg: null): Promise<Numbers>;
}

const numbers: Numbers = {};
let latencies = new Latencies();
let accepted = 0;
let posts = 0;
let stopping = false;
let running: Promise<unknown> = Promise.resolve();

function post(agent: Agent, port: number, channel: string, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) };
    const path = `/api/ingest/${channel}`;
    const sent = request({ port, host: "127.0.0.1", agent, method: "POST", path, headers }, (answer) => {
      answer.resume();
      answer.on("end", () =>
        answer.statusCode === 202 ? resolve() : reject(new Error(`${channel}: ${answer.statusCode}`)),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

async function produce(channel: string, offsetMs: number, start: ProducerStart): Promise<void> {
  const { port, load, batch, perSecond } = start;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const next = createLine(load.kind, channel, 0);
  const begun = wallNow() + offsetMs;
  for (let n = 0; !stopping; n++) {
    const due = perSecond === undefined ? wallNow() : begun + (n * 1000) / perSecond;
    if (due > wallNow()) await sleep(due - wallNow());
    const updates = Array.from({ length: batch }, () => ({ ...next(due).change.set, ts: Math.floor(due) }));
    await post(agent, port, channel, JSON.stringify(batch === 1 ? updates[0] : updates));
    numbers[channel] = (n + 1) * batch;
    accepted += batch;
    posts += 1;
    latencies.add(wallNow() - due);
  }
  agent.destroy();
}

answerCalls<ProducerCalls>({
  start: (start) => {
    const names = channelNames(start.load);
    const spread = start.perSecond === undefined ? 0 : 1000 / start.perSecond / names.length;
    running = Promise.all(names.map((channel, i) => produce(channel, i * spread, start)));
    running.catch(() => {});
  },
  figures: () => {
    const figures = { accepted, posts, latencies: latencies.counts, numbers: { ...numbers } };
    latencies = new Latencies();
    accepted = 0;
    posts = 0;
    return figures;
  },
  halt: async () => {
    stopping = true;
    await running;
    return numbers;
  },
});
