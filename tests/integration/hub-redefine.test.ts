import { afterEach, beforeEach, expect, it } from "vitest";
import { defineChannel } from "@/lib/shared/define-channel";
import { gauges, testChannels } from "../support/live-channels";
import { someUpdate } from "../support/live-flow";
import { type LiveHub, SpyFanout, SpyReceiver, startHub } from "../support/live-hub";
import { Viewer } from "../support/live-viewer";
import { eventually } from "../support/live-wait";

let live: LiveHub;
beforeEach(async () => {
  live = await startHub();
});
afterEach(() => live.close());

const prices = defineChannel({
  ...gauges,
  name: "prices",
  metrics: { tea: { title: "Tea", unit: "count" } },
});

function watch(...channels: string[]) {
  const receiver = new SpyReceiver();
  live.hub.attach(new SpyFanout(), receiver, "ada", { channels });
  const viewer = new Viewer(channels);
  const look = () => {
    for (const frame of receiver.frames.splice(0)) viewer.take(frame);
    return viewer;
  };
  return look;
}

it("[F1][H5] other channels while updates flow: who watches gets each once, in order, without a gap", async () => {
  const look = watch("gauges", "visits");
  const sent: string[] = [];
  let isOver = false;
  const flow = (async () => {
    while (!isOver) sent.push(await live.append(someUpdate("gauges")));
  })();
  for (let i = 0; i < 5; i++) {
    await live.hub.redefine(i % 2 === 0 ? [...testChannels, prices] : testChannels);
    const before = sent.length;
    await eventually(() => expect(sent.length).toBeGreaterThan(before));
  }
  isOver = true;
  await flow;
  await eventually(() => expect(look().applied).toHaveLength(sent.length));
  expect(look().snapshots).toHaveLength(2);
  expect(look().states.gauges).toEqual(live.hub.state("gauges"));
  expect(live.reports).toEqual([]);
});

it("[L6] a channel that is new has what the log says of it, and one that is gone has no state", async () => {
  await live.append({ ch: "prices", set: { tea: 3 } });
  expect(live.hub.state("prices")).toBeUndefined();
  await live.hub.redefine([...testChannels, prices]);
  expect(live.hub.state("prices")).toMatchObject({ values: { tea: 3 } });
  await live.hub.redefine(testChannels);
  expect(live.hub.state("prices")).toBeUndefined();
});

it("[H5] another definition while one is being taken over: the last one counts", async () => {
  const first = live.hub.redefine([...testChannels, prices]);
  const second = live.hub.redefine(testChannels);
  await Promise.all([first, second]);
  expect(live.hub.state("prices")).toBeUndefined();
  expect(live.hub.state("gauges")).toBeDefined();
});
