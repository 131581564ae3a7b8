import { expect, it } from "vitest";
import { annotations as channel } from "@/lib/channels/annotations";
import type { ArchivedAnnotations } from "@/lib/server/history/history-annotations";
import { createAnnotations } from "@/lib/server/transports/annotations";
import type { Annotation } from "@/lib/shared/annotations";
import type { FeedItem, FeedState } from "@/lib/shared/state";

const NOW = 1_800_000_000_000;
const stored = (key: string): Annotation => ({ key, at: NOW - 10, kind: "deploy", title: `stored ${key}` });
const item = (key: string, of: FeedItem["item"], ts = NOW - 5): FeedItem => ({ key, ts, item: of });

/** Annotations of which the archive and the feed know what the test says. */
function board(known: Annotation[], items: FeedItem[], count = items.length) {
  const reached: string[] = [];
  const archived: ArchivedAnnotations = {
    within: async () => known.toReversed(),
    one: async (key) => known.find((each) => each.key === key),
    reach: async (id) => void reached.push(id),
  };
  const feed: FeedState = { kind: "feed", asOf: NOW, keep: items.length, count, items };
  const { read } = createAnnotations({
    ...{ archived, channels: [channel], stateOf: () => feed, now: () => NOW },
    log: { append: () => Promise.reject(new Error("nothing is written here")) },
  });
  return { read: () => read({ from: NOW - 100, to: NOW }), reached };
}

it("[A6] what the archive does not have yet is answered, and what it does not drop yet is not", async () => {
  const { read, reached } = board(
    [stored("1-0.0"), stored("2-0.0")],
    [
      item("2-0.0", { kind: "deploy", title: "stored 2-0.0" }, NOW - 10),
      item("3-0.0", { kind: "note", title: "new" }),
      item("4-0.0", { kind: "note", title: "of another time" }, NOW - 200),
      item("5-0.0", { removes: "1-0.0" }),
    ],
  );
  const { annotations, more } = await read();
  expect(annotations.map(({ title }) => title)).toEqual(["stored 2-0.0", "new"]);
  expect(more).toBeUndefined();
  // The feed has had no other items, so nothing can be missing.
  expect(reached).toEqual([]);
});

it("[A6] the archive is waited for up to what the feed still has", async () => {
  const { read, reached } = board([], [item("7-3.12", { kind: "note", title: "a" })], 2);
  await read();
  expect(reached).toEqual(["7-3"]);
});
