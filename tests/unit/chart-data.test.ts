import { beforeEach, describe, expect, it } from "vitest";
import { ChartData } from "@/lib/client/chart-data";
import type { ChartSource } from "@/lib/client/chart-source";
import type { HistoryRequest, LoadEvents } from "@/lib/client/history-loader";
import type { Hole } from "@/lib/client/store";
import { CHART_POINTS, type History } from "@/lib/shared/history";
import type { Point } from "@/lib/shared/protocol";
import { parseRange, type TimeRange } from "@/lib/shared/time-range";

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const CPU = [{ channel: "host", metric: "cpu" }];
const range = (query = ""): TimeRange => parseRange(new URLSearchParams(query));

/** A client whose clock, readings and answers the test gives. */
class FakeSource implements ChartSource {
  now: number | undefined = NOW;
  clock = 0;
  points: Point[] = [];
  holes = new Map<string, Hole>();
  loads: { requests: HistoryRequest[]; events: LoadEvents; cancelled: boolean }[] = [];
  private timers: { at: number; run: () => void }[] = [];
  private readonly listeners = new Map<string, Set<() => void>>();
  private readers: ((metric: string, point: Point) => void)[] = [];

  series = () => this.points;
  hole = (channel: string) => this.holes.get(channel);
  serverNow = () => this.now;
  mono = () => this.clock;
  after = (ms: number, run: () => void) => {
    const timer = { at: this.clock + ms, run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((one) => one !== timer);
    };
  };
  paint = (run: () => void) => this.after(0, run);
  onReading = (_channel: string, reader: (metric: string, point: Point) => void) => {
    this.readers.push(reader);
    return () => {
      this.readers = this.readers.filter((one) => one !== reader);
    };
  };
  subscribe = (topic: string, listener: () => void) => {
    const set = this.listeners.get(topic) ?? new Set();
    this.listeners.set(topic, set.add(listener));
    return () => void set.delete(listener);
  };
  load = () => () => {};
  loadHistory: ChartSource["loadHistory"] = (requests, events) => {
    const load = { requests: requests(), events, cancelled: false };
    this.loads.push(load);
    return () => {
      load.cancelled = true;
    };
  };

  reading(ts: number, value: number, metric = "cpu"): void {
    this.points.push([ts, value]);
    for (const reader of this.readers) reader(metric, [ts, value]);
    this.tell("host");
  }
  tell(topic: string): void {
    for (const listener of this.listeners.get(topic) ?? []) listener();
    this.pass(0);
  }
  jumpOver(hole: Hole): void {
    this.holes.set("host", hole);
    this.tell("host");
  }
  pass(ms: number): void {
    this.clock += ms;
    for (let due = this.due(); due.length > 0; due = this.due()) {
      this.timers = this.timers.filter(({ at }) => at > this.clock);
      for (const { run } of due) run();
    }
  }
  private due() {
    return this.timers.filter(({ at }) => at <= this.clock);
  }
  get isFollowed(): boolean {
    return this.readers.length + [...this.listeners.values()].reduce((sum, set) => sum + set.size, 0) > 0;
  }
}

/** An answer of the archive: a reading of `value` in each bucket, up to `until`. */
function answer({ from, to, channel }: HistoryRequest, value: number, until = to, step = 500): History {
  const start = Math.floor(from / step) * step;
  const length = Math.ceil((to - start) / step);
  const at = (i: number) => (start + i * step <= until ? value : null);
  const list = Array.from({ length }, (_, i) => at(i));
  const count = list.map((one) => (one === null ? 0 : 1));
  const metrics = { cpu: { count, min: list, avg: list, max: list, last: list } };
  return { channel, from: start, to: start + length * step, step, tier: 0, until, metrics, outages: [] };
}

let source: FakeSource;
beforeEach(() => {
  source = new FakeSource();
});

function chart(query = "", points: Point[] = []): ChartData {
  source.points = points;
  return new ChartData({ metrics: CPU, range: range(query), now: NOW, series: source.series });
}

const seconds = (from: number, to: number, value = 1): Point[] =>
  Array.from({ length: (to - from) / 1000 + 1 }, (_, i) => [from + i * 1000, value]);
const values = (data: ChartData) => data.picture().lines[0]!.map(({ last }) => last);

describe("the data of a chart", () => {
  it("begins with what the page came with, and asks for nothing that it has", () => {
    const data = chart("", seconds(NOW - 5 * MINUTE, NOW));
    expect(values(data)).toHaveLength(301);
    data.start(source);
    expect(source.loads).toEqual([]);
    expect(data.picture()).toMatchObject({ status: "ready", unknown: [], now: NOW, step: 500 });
  });

  it("asks the archive for what the readings at hand do not reach back to", () => {
    const data = chart("window=15m", seconds(NOW - 5 * MINUTE, NOW));
    data.start(source);
    const [load] = source.loads;
    expect(load!.requests).toEqual([
      { channel: "host", metrics: ["cpu"], from: NOW - 15 * MINUTE, to: NOW, points: CHART_POINTS },
    ]);
    expect(data.picture().status).toBe("loading");
    expect(data.picture().unknown).toEqual([{ from: NOW - 15 * MINUTE, to: NOW - 5 * MINUTE }]);
    load!.events.loaded([answer(load!.requests[0]!, 7, NOW - 2000, 2000)]);
    expect(data.picture()).toMatchObject({ status: "ready", unknown: [] });
    // The archive up to where it had got, then the readings that came after that.
    expect(values(data)).toEqual([...Array(449).fill(7), 1, 1]);
  });

  it("says that it could not be loaded, keeps what it has, and goes on following", () => {
    const data = chart("window=1h", seconds(NOW - 5 * MINUTE, NOW));
    data.start(source);
    source.loads[0]!.events.failed("The archive is out of reach", true);
    expect(data.picture()).toMatchObject({ status: "failed", problem: "The archive is out of reach" });
    expect(data.picture().unknown).toHaveLength(1);
    source.pass(1000);
    source.reading(NOW + 1000, 42);
    expect(values(data).at(-1)).toBe(42);
    source.loads[0]!.events.loaded([answer(source.loads[0]!.requests[0]!, 7, NOW, 10_000)]);
    expect(data.picture()).toMatchObject({ status: "ready", problem: undefined, unknown: [] });
  });

  it("folds a reading into its bucket once, whether the archive had it already or not", () => {
    const data = chart("window=15m");
    data.start(source);
    source.reading(NOW - 1000, 5);
    source.loads[0]!.events.loaded([answer(source.loads[0]!.requests[0]!, 5, NOW - 1000, 2000)]);
    const counts = data.picture().lines[0]!.map(({ count }) => count);
    expect(Math.max(...counts)).toBe(1);
    source.pass(1000);
    source.reading(NOW + 100, 6);
    source.reading(NOW + 200, 8);
    source.pass(1000);
    expect(data.picture().lines[0]!.at(-1)).toMatchObject({ count: 2, min: 6, max: 8, last: 8 });
  });

  it("puts a late reading into its own bucket", () => {
    const data = chart("", seconds(NOW - 5 * MINUTE, NOW - 10_000));
    data.start(source);
    source.reading(NOW - 1000, 3);
    source.reading(NOW - 5000, 2);
    source.pass(1000);
    expect(values(data).slice(-2)).toEqual([2, 3]);
  });

  it("asks again for what came so late that only the archive has it, but not for each of them", () => {
    const data = chart("window=1h");
    data.start(source);
    source.loads[0]!.events.loaded([answer(source.loads[0]!.requests[0]!, 7, NOW, 10_000)]);
    for (let i = 0; i < 5; i++) source.reading(NOW - 30 * MINUTE - i, 99);
    source.reading(NOW - 200, 7);
    source.pass(1000);
    source.tell("clock");
    expect(source.loads).toHaveLength(1);
    source.pass(5000);
    source.tell("clock");
    expect(source.loads).toHaveLength(2);
    source.loads[1]!.events.loaded([answer(source.loads[1]!.requests[0]!, 99, NOW + 6000, 10_000)]);
    source.pass(60_000);
    source.tell("clock");
    expect(source.loads).toHaveLength(2);
  });

  it("draws a late reading that the archive's answer did not have yet, and one that it had only once", () => {
    const data = chart("window=15m");
    data.start(source);
    const [load] = source.loads;
    const known = answer(load!.requests[0]!, 5, NOW - 60_000, 2000);
    load!.events.loaded([{ ...known, until: NOW }]);
    source.reading(NOW - 30_000, 8);
    source.reading(NOW - 90_000, 9);
    source.pass(1000);
    const last = data.picture().lines[0]!.slice(-2);
    expect(last.map(({ at, last, count }) => [at, last, count])).toEqual([
      [NOW - 60_000, 5, 1],
      [NOW - 30_000, 8, 1],
    ]);
    expect(values(data)).not.toContain(9);
  });

  it("draws at most four times a second, and the newest reading in the end", () => {
    const data = chart("", seconds(NOW - 5 * MINUTE, NOW));
    data.start(source);
    let told = 0;
    data.subscribe(() => {
      told += 1;
    });
    source.pass(1000);
    for (let i = 1; i <= 100; i++) {
      source.reading(NOW + 10 * i, i);
      source.pass(10);
    }
    source.pass(250);
    expect(told).toBeLessThanOrEqual(6);
    expect(values(data).at(-1)).toBe(100);
  });

  it("draws nothing while it is off the screen, and is up to date when it comes back", () => {
    const data = chart("", seconds(NOW - 5 * MINUTE, NOW));
    data.start(source);
    data.show(false);
    const before = data.picture();
    source.pass(1000);
    source.reading(NOW + 1000, 42);
    source.tell("clock");
    source.pass(1000);
    expect(data.picture()).toBe(before);
    data.show(true);
    source.pass(0);
    expect(values(data).at(-1)).toBe(42);
  });

  it("slides in whole seconds, and not while the server's now is unknown", () => {
    const data = chart("", seconds(NOW - 5 * MINUTE, NOW));
    data.start(source);
    source.now = NOW + 1400;
    source.pass(1000);
    source.tell("clock");
    expect(data.picture().span).toEqual({ from: NOW + 2000 - 5 * MINUTE, to: NOW + 2000 });
    source.now = undefined;
    source.pass(1000);
    source.tell("clock");
    expect(data.picture().span.to).toBe(NOW + 2000);
  });

  it("goes back with a server's clock that was far ahead, and not for less", () => {
    const data = chart("", seconds(NOW - 5 * MINUTE, NOW));
    data.start(source);
    const edgeAt = (now: number) => {
      source.now = now;
      source.pass(1000);
      source.tell("clock");
      source.pass(1000);
      return data.picture().span.to;
    };
    expect(edgeAt(NOW + 30_000)).toBe(NOW + 30_000);
    expect(edgeAt(NOW + 1000)).toBe(NOW + 30_000);
    expect(edgeAt(NOW + 60 * MINUTE)).toBe(NOW + 60 * MINUTE);
    expect(source.loads).toEqual([]);
    expect(edgeAt(NOW + 2000)).toBe(NOW + 2000);
    // What had slid away is there again.
    edgeAt(NOW + 8000);
    edgeAt(NOW + 9000);
    expect(source.loads.at(-1)?.requests[0]?.from).toBeLessThanOrEqual(NOW + 9000 - 5 * MINUTE);
  });

  it("stays as small as its window, however long it runs", () => {
    const data = chart("window=1m");
    data.start(source);
    for (let i = 0; i < 3600; i++) {
      source.now = NOW + i * 1000;
      source.points = [];
      source.reading(NOW + i * 1000, i);
      source.pass(1000);
    }
    expect(data.picture().lines[0]!.length).toBeLessThan(200);
  });

  it("stays as small off the screen", () => {
    const data = chart("window=1m");
    data.start(source);
    data.show(false);
    for (let i = 0; i < 3600; i++) {
      source.now = NOW + i * 1000;
      source.points = [];
      source.reading(NOW + i * 1000, i);
      source.tell("clock");
    }
    // @ts-expect-error: nothing is drawn that would show it.
    expect(data.lines[0].read().length).toBeLessThan(130);
  });

  it("counts a reading of a clock that is ahead once, when the answer has it", () => {
    const data = chart("window=15m", [[NOW + 30_000, 5]]);
    data.start(source);
    const known = answer({ ...source.loads[0]!.requests[0]!, to: NOW + 60_000 }, 5, NOW + 60_000, 2000);
    source.loads[0]!.events.loaded([{ ...known, until: NOW }]);
    const counts = data.picture().lines[0]!.map(({ count }) => count);
    expect(Math.max(...counts)).toBe(1);
  });

  it("asks for no future, and goes on while its range is not over", () => {
    const iso = (ms: number) => new Date(ms).toISOString();
    const data = chart(`from=${iso(NOW - 60 * MINUTE)}&to=${iso(NOW + 60 * MINUTE)}`);
    data.start(source);
    expect(source.loads[0]!.requests[0]!.to).toBe(NOW + MINUTE);
    source.loads[0]!.events.loaded([answer(source.loads[0]!.requests[0]!, 4, NOW, 20_000)]);
    source.now = NOW + 10 * MINUTE;
    source.pass(1000);
    source.reading(NOW + 10 * MINUTE, 77);
    source.pass(1000);
    expect(values(data).at(-1)).toBe(77);
  });

  it("follows the server's clock back when that was far ahead, and loads what it had dropped", () => {
    const data = chart("", seconds(NOW - 5 * MINUTE, NOW));
    data.start(source);
    source.now = NOW + 60 * MINUTE;
    source.pass(1000);
    source.tell("clock");
    expect(data.picture().span.to).toBe(NOW + 60 * MINUTE);
    // A second is no reason to go back.
    source.now = NOW + 60 * MINUTE - 1000;
    source.pass(1000);
    source.tell("clock");
    expect(data.picture().span.to).toBe(NOW + 60 * MINUTE);
    source.now = NOW + 10_000;
    source.pass(10_000);
    source.tell("clock");
    source.tell("clock");
    source.pass(1000);
    expect(data.picture().span.to).toBe(NOW + 10_000);
    expect(source.loads).toHaveLength(1);
    expect(source.loads[0]!.requests[0]).toMatchObject({ from: NOW + 10_000 - 5 * MINUTE, to: NOW + 10_000 });
  });

  it("asks again after an error of the server's, some minutes later", () => {
    const data = chart("window=1h");
    data.start(source);
    source.loads[0]!.events.failed("There is no such channel", false);
    source.pass(6 * MINUTE);
    source.tell("clock");
    expect(source.loads).toHaveLength(2);
  });

  it("loads what was jumped over before it was there", () => {
    source.holes.set("host", { from: NOW - 4 * MINUTE, to: NOW - 3 * MINUTE });
    chart("", seconds(NOW - 5 * MINUTE, NOW)).start(source);
    expect(source.loads).toHaveLength(1);
  });

  it("stops following when it is left", () => {
    const stop = chart("window=1h").start(source);
    expect(source.isFollowed).toBe(true);
    stop();
    expect(source.isFollowed).toBe(false);
    expect(source.loads[0]!.cancelled).toBe(true);
  });
});

describe("what a snapshot jumped over", () => {
  it("[A4] is not known until the archive has told it, and then it is drawn", () => {
    const data = chart("", seconds(NOW - 5 * MINUTE, NOW - 2 * MINUTE));
    data.start(source);
    source.reading(NOW, 9);
    const hole = { from: NOW - 2 * MINUTE, to: NOW };
    source.jumpOver(hole);
    expect(data.picture().unknown).toEqual([hole]);
    expect(data.picture().status).toBe("loading");
    const [load] = source.loads;
    load!.events.loaded([answer(load!.requests[0]!, 4, NOW)]);
    expect(data.picture().unknown).toEqual([]);
    expect(values(data).filter((value) => value === 4).length).toBeGreaterThan(590);
  });

  it("is asked for again while the archive lags, but not for ever", () => {
    const data = chart("", seconds(NOW - 5 * MINUTE, NOW - 2 * MINUTE));
    data.start(source);
    source.jumpOver({ from: NOW - 2 * MINUTE, to: NOW });
    for (let i = 0; i < 10; i++) {
      const load = source.loads.at(-1)!;
      if (source.loads.length === i + 1) load.events.loaded([answer(load.requests[0]!, 4, NOW - 5000)]);
      source.pass(2000);
    }
    expect(source.loads).toHaveLength(5);
    expect(data.picture().unknown).toHaveLength(1);
  });

  it("does not matter to a chart that stands still elsewhere", () => {
    const fixed = `from=${new Date(NOW - 60 * MINUTE).toISOString()}&to=${new Date(NOW - 50 * MINUTE).toISOString()}`;
    chart(fixed).start(source);
    expect(source.loads).toHaveLength(1);
    source.jumpOver({ from: NOW - 2 * MINUTE, to: NOW });
    expect(source.loads).toHaveLength(1);
  });
});

describe("a chart that stands still", () => {
  const fixed = { from: NOW - 60 * MINUTE, to: NOW - 50 * MINUTE };
  const query = `from=${new Date(fixed.from).toISOString()}&to=${new Date(fixed.to).toISOString()}`;

  it("shows its span and takes in only what belongs there", () => {
    const data = chart(query, seconds(NOW - 5 * MINUTE, NOW));
    data.start(source);
    expect(data.picture().lines[0]).toEqual([]);
    source.loads[0]!.events.loaded([answer(source.loads[0]!.requests[0]!, 4, NOW - 1000, 1000)]);
    source.reading(NOW, 9);
    source.now = NOW + MINUTE;
    source.pass(1000);
    source.tell("clock");
    expect(data.picture().span).toEqual(fixed);
    expect(new Set(values(data))).toEqual(new Set([4]));
  });

  it("begins with what the server loaded, and asks for nothing", () => {
    const initial = [answer({ channel: "host", metrics: ["cpu"], ...fixed, points: 600 }, 4, NOW, 1000)];
    const data = new ChartData({
      metrics: CPU,
      range: range(query),
      now: NOW,
      series: source.series,
      initial,
    });
    expect(values(data)).toHaveLength(600);
    data.start(source);
    expect(source.loads).toEqual([]);
  });
});

describe("a comparison", () => {
  it("loads the earlier time too, and draws it where the later one is", () => {
    const data = chart("window=1h&compare=previous", seconds(NOW - 5 * MINUTE, NOW));
    data.start(source);
    const [now, before] = source.loads[0]!.requests;
    expect([before!.from, before!.to]).toEqual([NOW - 120 * MINUTE, NOW - 50 * MINUTE]);
    source.loads[0]!.events.loaded([answer(now!, 1, NOW, 10_000), answer(before!, 2, NOW, 10_000)]);
    const drawn = data.picture().before![0]!;
    expect(drawn[0]).toMatchObject({ at: NOW - 60 * MINUTE, last: 2 });
    expect(drawn.at(-1)!.at).toBe(NOW + 10 * MINUTE - 10_000);
  });

  it("is loaded further before the page has slid past it", () => {
    const data = chart("window=1m&compare=week", seconds(NOW - 5 * MINUTE, NOW));
    data.start(source);
    const first = source.loads[0]!;
    first.events.loaded([answer(first.requests[0]!, 1), answer(first.requests[1]!, 2)]);
    source.now = NOW + 9 * MINUTE;
    source.pass(1000);
    source.tell("clock");
    expect(source.loads.length).toBeLessThanOrEqual(2);
    source.now = NOW + 11 * MINUTE;
    source.pass(1000);
    source.tell("clock");
    source.pass(1000);
    source.tell("clock");
    expect(source.loads.at(-1)!.requests[1]!.to).toBeGreaterThan(first.requests[1]!.to);
  });
});

it("looks for late readings in the archive every few minutes", () => {
  const data = chart("window=1h");
  data.start(source);
  source.loads[0]!.events.loaded([answer(source.loads[0]!.requests[0]!, 1, NOW, 10_000)]);
  source.pass(4 * MINUTE);
  source.tell("clock");
  expect(source.loads).toHaveLength(1);
  source.pass(2 * MINUTE);
  source.tell("clock");
  expect(source.loads).toHaveLength(2);
});
