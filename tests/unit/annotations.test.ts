import { beforeEach, describe, expect, it } from "vitest";
import { AnnotationData } from "@/lib/client/annotations";
import type { GetJson, Load, LoadEvents } from "@/lib/client/load";
import { ANNOTATIONS, type Annotation, annotationOf, mergeAnnotations } from "@/lib/shared/annotations";
import type { ChannelState, FeedItem } from "@/lib/shared/state";
import { parseRange } from "@/lib/shared/time-range";

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const iso = (ms: number) => new Date(ms).toISOString();
const range = (query = "") => parseRange(new URLSearchParams(query));

function item(key: string, more: FeedItem["item"] = {}, ts = NOW - MINUTE): FeedItem {
  return { key, ts, item: { kind: "note", title: `title of ${key}`, ...more } };
}
const removal = (key: string, removes: string): FeedItem => ({ key, ts: NOW, item: { removes } });
const archived = (key: string, at = NOW - MINUTE): Annotation => ({
  ...{ key, at, kind: "deploy", title: `stored ${key}` },
});

describe("an item of the feed", () => {
  it("[A6] is an annotation when it has a kind that is known and a title", () => {
    const full = { text: "more", until: NOW, by: "ada", byHand: true };
    expect(annotationOf(item("1-0.0", full))).toEqual({
      ...{ key: "1-0.0", at: NOW - MINUTE, until: NOW, kind: "note", title: "title of 1-0.0" },
      ...{ text: "more", by: "ada", byHand: true },
    });
    const nulls = { text: null, until: null, by: "" };
    expect(annotationOf(item("1-0.0", nulls))).toEqual({
      ...{ key: "1-0.0", at: NOW - MINUTE, kind: "note", title: "title of 1-0.0" },
    });
    const wrongs: FeedItem["item"][] = [
      { kind: "party" },
      { kind: null },
      { title: "" },
      { title: 5 },
      { title: null },
    ];
    for (const wrong of wrongs)
      expect(annotationOf(item("1-0.0", wrong)), JSON.stringify(wrong)).toBeUndefined();
    expect(annotationOf(removal("2-0.0", "1-0.0"))).toBeUndefined();
  });

  it("[A6] that ends before it begins is a moment", () => {
    expect(annotationOf(item("1-0.0", { until: 5 }))).not.toHaveProperty("until");
  });
});

it("[A6] what is known twice is there once, by its key, in the order of time", () => {
  const change = { added: new Map([["b", archived("b", 5)]]), removed: new Set(["c", "unknown"]) };
  const merged = mergeAnnotations([archived("a", 9), archived("b", 5), archived("c", 1)], change);
  expect(merged.map(({ key }) => key)).toEqual(["b", "a"]);
});

/** A client whose feed and answers the test gives. */
class FakeClient {
  now: number | undefined = NOW;
  loads: { url: string; events: LoadEvents<unknown>; isCancelled: boolean }[] = [];
  private items: FeedItem[] = [];
  private readonly listeners = new Set<() => void>();

  charts: { load: Load } = {
    load: (ask, events) => {
      const load = { url: "", events: events as LoadEvents<unknown>, isCancelled: false };
      const get: GetJson = (url) => {
        load.url = url;
        return new Promise(() => {});
      };
      void ask(get, new AbortController().signal);
      this.loads.push(load);
      return () => {
        load.isCancelled = true;
      };
    },
  };
  serverNow = () => this.now;
  channel = (name: string): ChannelState | undefined =>
    name === ANNOTATIONS
      ? { kind: "feed", asOf: null, count: this.items.length, keep: 3, items: this.items }
      : undefined;
  subscribe = (_: string, listener: () => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };
  get isWatched() {
    return this.listeners.size > 0;
  }
  feed(...items: FeedItem[]) {
    this.items = items;
    for (const listener of this.listeners) listener();
  }
  answer(...annotations: Annotation[]) {
    this.loads.at(-1)!.events.loaded({ annotations });
  }
}

describe("the annotations of a page", () => {
  let client: FakeClient;
  beforeEach(() => {
    client = new FakeClient();
  });
  const dataOf = (query = "", initial?: ConstructorParameters<typeof AnnotationData>[3]) =>
    new AnnotationData(client, range(query), NOW, initial);
  const keys = (data: AnnotationData) => data.view().map(({ key }) => key);

  it("[A6] are asked once, however many charts show them, from the range's beginning to now", () => {
    const data = dataOf("window=1h");
    const ends = [data.use(), data.use(), data.use()];
    expect(client.loads.map(({ url }) => url)).toEqual([
      `/api/annotations?from=${NOW - 60 * MINUTE}&to=${NOW + MINUTE}`,
    ]);
    for (const end of ends) end();
    expect(client.loads[0]!.isCancelled).toBe(true);
    expect(client.isWatched).toBe(false);
  });

  it("[A6] of a fixed range are asked as far as the server takes it", () => {
    dataOf(`from=${iso(NOW - MINUTE)}&to=${iso(NOW + 60 * MINUTE)}`).use();
    expect(client.loads[0]!.url).toBe(`/api/annotations?from=${NOW - MINUTE}&to=${NOW + MINUTE}`);
  });

  it("[A6] are those of the page at first, and not asked for when it had all of them", () => {
    const data = dataOf("", { annotations: [archived("1-0.0")], isWhole: true });
    expect(keys(data)).toEqual(["1-0.0"]);
    data.use();
    expect(client.loads).toEqual([]);
    client.feed(item("2-0.0", {}, NOW));
    expect(keys(data)).toEqual(["1-0.0", "2-0.0"]);
  });

  it("[A6] are asked for again by who comes back: more may have come than the feed holds", () => {
    const data = dataOf("", { annotations: [], isWhole: true });
    data.use()();
    data.use();
    expect(client.loads).toHaveLength(1);
  });

  it("[A6] put together what was loaded and what came, whichever is first, each once", () => {
    const data = dataOf();
    let told = 0;
    data.subscribe(() => {
      told += 1;
    });
    data.use();
    client.feed(item("3-0.0", {}, NOW - 5));
    client.answer(archived("1-0.0", NOW - 20), archived("3-0.0", NOW - 5));
    client.feed(item("3-0.0", {}, NOW - 5), item("4-0.0", {}, NOW - 9));
    expect(keys(data)).toEqual(["1-0.0", "4-0.0", "3-0.0"]);
    expect(told).toBe(3);
    const view = data.view();
    client.feed(item("3-0.0", {}, NOW - 5), item("4-0.0", {}, NOW - 9));
    expect(data.view()).toBe(view);
  });

  it("[A6] keep what has left the feed, and drop what was taken back, also from the archive's answer", () => {
    const data = dataOf();
    data.use();
    client.feed(item("1-0.0"), item("2-0.0"), item("3-0.0"));
    client.feed(item("2-0.0"), item("3-0.0"), item("4-0.0"));
    expect(keys(data)).toEqual(["1-0.0", "2-0.0", "3-0.0", "4-0.0"]);
    client.feed(item("3-0.0"), item("4-0.0"), removal("5-0.0", "1-0.0"));
    expect(keys(data)).toEqual(["2-0.0", "3-0.0", "4-0.0"]);
    client.answer(archived("1-0.0"), archived("2-0.0"));
    expect(keys(data)).toEqual(["2-0.0", "3-0.0", "4-0.0"]);
  });

  it("[A6] are asked for again when more came at once than the feed holds", () => {
    const data = dataOf();
    data.use();
    client.feed(item("1-0.0"));
    client.answer();
    expect(client.loads).toHaveLength(1);
    client.feed(item("7-0.0"), item("8-0.0"), item("9-0.0"));
    expect(client.loads).toHaveLength(2);
    client.answer(archived("4-0.0"), archived("5-0.0"));
    expect(keys(data)).toEqual(["4-0.0", "5-0.0", "7-0.0", "8-0.0", "9-0.0"]);
  });

  it("[A6] that could not be loaded leave those that came", () => {
    const data = dataOf();
    data.use();
    client.feed(item("1-0.0"));
    client.loads[0]!.events.failed("no", true);
    expect(keys(data)).toEqual(["1-0.0"]);
  });
});
