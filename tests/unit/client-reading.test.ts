import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  adopt,
  NOTHING_READ,
  type Reading,
  receive,
  resubscribe,
  subscription,
} from "@/lib/client/frame-reducer";
import {
  type Cursor,
  compareIds,
  formatCursor,
  idMs,
  parseCursor,
  type UpdateId,
  ZERO_ID,
} from "@/lib/shared/cursor";
import type { Frame, Subscribe } from "@/lib/shared/protocol";
import { apply, type ChannelState, emptyState, type Update } from "@/lib/shared/state";
import { updateRun } from "../support/live-arbitraries";
import { gauges, stock, visits } from "../support/live-channels";

const CHANNELS = { gauges, stock, visits };
type Name = keyof typeof CHANNELS;
const NAMES = Object.keys(CHANNELS) as Name[];

/** A log of which more and more is committed, and the frames that a right server makes of it. */
class Log {
  committed = 0;

  constructor(
    readonly epoch: string,
    readonly run: readonly Update[],
  ) {}

  get head(): UpdateId {
    return this.run[this.committed - 1]?.id ?? ZERO_ID;
  }

  commit(count: number): void {
    this.committed = Math.min(this.run.length, this.committed + count);
  }

  between(from: UpdateId, to: UpdateId, channels: readonly string[]): Update[] {
    return this.run.filter(
      ({ id, ch }) => channels.includes(ch) && compareIds(id, from) > 0 && compareIds(id, to) <= 0,
    );
  }

  state(name: string, to: UpdateId): ChannelState {
    return this.between(ZERO_ID, to, [name]).reduce(apply, emptyState(CHANNELS[name as Name]));
  }

  snapshot(names: readonly string[]) {
    return Object.fromEntries(names.map((name) => [name, this.state(name, this.head)]));
  }

  /** Is this the id of an entry, or of none at all? */
  private has(id: UpdateId): boolean {
    return id === ZERO_ID || this.run.slice(0, this.committed).some((update) => update.id === id);
  }

  /** The answer to a subscription (F1, F2). */
  answer({ channels, cursor, fresh = [], sub }: Subscribe): Frame {
    const from = parseCursor(cursor);
    const to = formatCursor(this.epoch, this.head);
    if (from?.epoch !== this.epoch || !this.has(from.id))
      return { to, snapshot: this.snapshot(channels), sub };
    const followed = channels.filter((name) => !fresh.includes(name));
    const updates = this.between(from.id, this.head, followed);
    return { from: cursor, to, updates, sub, ...(fresh.length > 0 && { snapshot: this.snapshot(fresh) }) };
  }
}

/** A reader that follows the reducer's word, and notes what a page would show. */
class Reader {
  reading: Reading = NOTHING_READ;
  states: Record<string, ChannelState> = {};
  newest = Number.NEGATIVE_INFINITY;

  take(frame: Frame, asked?: Cursor) {
    if (frame.now !== undefined) this.newest = Math.max(this.newest, frame.now);
    const received = receive(this.reading, frame, asked);
    if (received.outcome === "applied") {
      if (received.newLog) this.states = {};
      Object.assign(this.states, received.snapshot);
      for (const update of received.updates) this.states[update.ch] = apply(this.states[update.ch]!, update);
      this.reading = received.reading;
    }
    return received.outcome;
  }

  open(page: Frame & { now: number }): void {
    const adopted = adopt(this.reading, page, this.newest);
    if (!adopted.accepted) return;
    this.newest = Math.max(this.newest, page.now);
    this.states = { ...(adopted.newEpoch ? {} : this.states), ...adopted.snapshot };
    this.reading = adopted.reading;
  }

  watch(names: readonly string[]): void {
    this.reading = resubscribe(this.reading, names);
  }
}

/** What one transport has sent on one subscription. */
interface Stream {
  asked: Subscribe;
  log: Log;
  sentTo: UpdateId;
  isAnswered: boolean;
}

// Sequences as long as they may be: in short ones little overlaps.
fc.configureGlobal({ ...fc.readConfigureGlobal(), baseSize: "medium" });

/** Which frame on the wire: mostly the oldest. */
const place = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(9) });
const command = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("commit" as const), count: fc.integer({ min: 1, max: 4 }) }),
  },
  // A transport sends what came since its last frame, or a beat when there was nothing.
  { weight: 6, arbitrary: fc.record({ do: fc.constant("send" as const), transport: fc.nat(1) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("deliver" as const),
      place,
      again: fc.oneof(fc.constant(false), fc.boolean()),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("lose" as const), place }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("ask" as const), transport: fc.nat(1) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("watch" as const), names: fc.subarray(NAMES, { minLength: 1 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("render" as const), names: fc.subarray(NAMES, { minLength: 1 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("open" as const), place: fc.nat(9) }) },
);
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;

/** Runs commands against a log; `replace` says after how many of them the log is replaced, if ever. */
class World {
  readonly reader = new Reader();
  readonly epochs: string[] = [];
  log: Log;
  private readonly logs: Log[];
  private readonly streams: (Stream | undefined)[] = [];
  private wire: { frame: Frame; stream: Stream }[] = [];
  private readonly pages: (Frame & { now: number })[] = [];
  private now = 0;
  private cursors: Reading["cursors"] = {};
  private wentBack: Reading["wentBack"];

  /** `isOrderly`: what a transport brings may get lost or come twice, but it keeps its order, and ends with it. */
  constructor(
    runs: readonly (readonly Update[])[],
    private readonly isOrderly = false,
  ) {
    this.logs = runs.map((run, i) => new Log(`e${i}`, run));
    this.log = this.logs[0]!;
    this.reader.watch(["gauges"]);
  }

  /** A restart breaks all connections, so only of a log that the reader knows may frames still come late. */
  replaceLog(): void {
    this.log = this.logs[this.logs.indexOf(this.log) + 1] ?? this.log;
    const { epoch, left } = this.reader.reading;
    this.wire = this.wire.filter(({ frame: { to } }) => [...left, epoch].includes(parseCursor(to)!.epoch));
  }

  /**
   * The log is put back from a copy that lacks the last `lost` entries, and goes on in another way. A restart
   * breaks all connections, and what a transport that was closed still says does not count.
   */
  putBack(lost: number, next: readonly Update[]): void {
    const { run, committed } = this.log;
    const copy = run.slice(0, Math.max(0, committed - lost));
    // No id is given twice, not even by a log that has lost what it gave it to.
    const offset = Math.max(...this.logs.map((log) => idMs(log.run.at(-1)?.id ?? ZERO_ID)));
    const later = next.map((update) => {
      const [ms, seq] = update.id.split("-");
      return { ...update, id: `${Number(ms) + offset}-${seq}` };
    });
    this.log = new Log(this.log.epoch, [...copy, ...later]);
    this.log.commit(copy.length);
    this.logs.push(this.log);
    this.wire = [];
    this.streams.length = 0;
  }

  run(one: Command): void {
    this.now += 1;
    const place = "place" in one ? one.place % Math.max(1, this.wire.length) : 0;
    if (one.do === "commit") this.log.commit(one.count);
    else if (one.do === "send") this.send(one.transport);
    else if (one.do === "ask") this.ask(one.transport);
    else if (one.do === "deliver") this.deliver(place, one.again);
    else if (one.do === "lose") this.wire.splice(place, 1);
    else if (one.do === "watch") {
      this.reader.watch(one.names);
      this.ask(0);
    } else if (one.do === "render") {
      const to = formatCursor(this.log.epoch, this.log.head);
      this.pages.push({ to, snapshot: this.log.snapshot(one.names), now: this.now });
    } else {
      const page = this.pages[one.place % Math.max(1, this.pages.length)];
      if (page) this.reader.open(page);
    }
  }

  /** Reads on until the head is reached, on a connection that loses nothing. */
  catchUp(): number {
    for (let asked = 1; ; asked += 1) {
      const wanted = subscription(this.reader.reading);
      const outcome = this.reader.take(this.log.answer(wanted), wanted.cursor);
      if (outcome !== "gap" || asked === 5) return asked;
    }
  }

  /** What is shown of a channel is what its cursor says, each update once, and no cursor goes back in its log. */
  check(): void {
    const { epoch, cursors, wentBack } = this.reader.reading;
    const isSameLog = epoch === this.epochs.at(-1) && wentBack === this.wentBack;
    const before = isSameLog ? this.cursors : {};
    this.cursors = cursors;
    this.wentBack = wentBack;
    if (epoch !== undefined && this.epochs.at(-1) !== epoch) this.epochs.push(epoch);
    for (const [name, cursor] of Object.entries(cursors))
      expect(compareIds(cursor, before[name] ?? ZERO_ID)).toBeGreaterThanOrEqual(0);
    // Until it is found out that the log was put back, what is shown is what it was before.
    const shown = this.logs
      .filter((candidate) => candidate.epoch === epoch)
      .map((log) =>
        Object.fromEntries(Object.entries(cursors).map(([n, cursor]) => [n, log.state(n, cursor)])),
      );
    if (epoch !== undefined) expect(shown).toContainEqual(this.reader.states);
  }

  private ask(transport: number): void {
    const asked = subscription(this.reader.reading);
    if (this.isOrderly) this.wire = this.wire.filter((sent) => sent.stream !== this.streams[transport]);
    const stream: Stream = { asked, log: this.log, sentTo: this.log.head, isAnswered: false };
    this.streams[transport] = stream;
    this.wire.push({ frame: { ...this.log.answer(asked), now: this.now }, stream });
  }

  private deliver(place: number, again: boolean): void {
    const picked = this.wire[place];
    const first = this.isOrderly ? this.wire.findIndex(({ stream }) => stream === picked?.stream) : place;
    const [sent] = this.wire.splice(first, 1);
    if (!sent) return;
    if (again) this.wire.push(sent);
    const { sub } = this.reader.reading;
    // To a transport, the first frame is the answer.
    const asked = sent.stream.isAnswered ? undefined : sent.stream.asked.cursor;
    sent.stream.isAnswered = true;
    const transport = this.isOrderly ? Math.max(0, this.streams.indexOf(sent.stream)) : 0;
    if (["gap", "left"].includes(this.reader.take(sent.frame, asked))) this.ask(transport);
    if (this.reader.reading.sub !== sub) this.streams.forEach((_, transport) => void this.ask(transport));
  }

  private send(transport: number): void {
    const stream = this.streams[transport];
    if (!stream) {
      this.ask(transport);
      return;
    }
    const { asked, log, sentTo } = stream;
    const from = formatCursor(log.epoch, sentTo);
    this.wire.push({ frame: log.answer({ ...asked, cursor: from, fresh: undefined }), stream });
    stream.sentTo = log.head;
  }
}

const commands = fc.array(command, { minLength: 5, maxLength: 60 });

describe("frames that overlap, repeat, get lost and overtake each other", () => {
  it("[F3] lead to the state that the log says, with each update applied once, for any channels", () => {
    fc.assert(
      fc.property(updateRun(NAMES, 40), commands, (run, steps) => {
        const world = new World([run]);
        for (const step of steps) {
          world.run(step);
          world.check();
        }
        world.log.commit(run.length);
        expect(world.catchUp()).toBe(1);
        world.check();
        for (const name of world.reader.reading.channels)
          expect(world.reader.reading.cursors[name]).toBe(world.log.head);
      }),
      { numRuns: 250 },
    );
  });

  it("[L5] never lead back to a log that was left, nor mix two logs", () => {
    const places = fc.array(fc.nat(40), { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(
        fc.array(updateRun(NAMES, 15), { minLength: 3, maxLength: 3 }),
        commands,
        places,
        (runs, steps, at) => {
          const world = new World(runs);
          steps.forEach((step, i) => {
            if (at.includes(i)) world.replaceLog();
            world.run(step);
            world.check();
          });
          world.catchUp();
          world.check();
          expect(new Set(world.epochs).size).toBe(world.epochs.length);
          expect(world.reader.reading.epoch).toBe(world.log.epoch);
        },
      ),
      { numRuns: 250 },
    );
  });
});

/** What happens while the same channels are watched, and no page comes. */
const sameChannels = fc.array(
  command.filter((one) => !["watch", "render", "open"].includes(one.do)),
  { minLength: 10, maxLength: 60 },
);

describe("a log that is put back from a copy, in the same epoch", () => {
  it("[L4] is found out by who comes back: nothing of the lost entries stays, whatever is on its way", () => {
    const runs = fc.array(updateRun(NAMES, 20), { minLength: 3, maxLength: 3 });
    const turns = fc.array(fc.record({ at: fc.nat(50), lost: fc.nat(25) }), { minLength: 2, maxLength: 2 });
    let found = 0;
    fc.assert(
      fc.property(runs, sameChannels, turns, ([first, ...next], steps, turns) => {
        const world = new World([first!], true);
        world.reader.watch(NAMES);
        steps.forEach((step, i) => {
          turns.forEach(({ at, lost }, turn) => {
            if (at % steps.length === i) world.putBack(lost, next[turn]!);
          });
          world.run(step);
          world.check();
        });
        world.catchUp();
        world.check();
        found += world.reader.reading.wentBack?.times ?? 0;
        for (const name of NAMES) {
          expect(world.reader.reading.cursors[name]).toBe(world.log.head);
          expect(world.reader.states[name]).toEqual(world.log.state(name, world.log.head));
        }
      }),
      { numRuns: 250 },
    );
    expect(found).toBeGreaterThan(20);
  });
});

const record = (a: number): ChannelState => ({ kind: "record", asOf: 1, values: { a }, ts: { a: 1 } });
const update = (id: UpdateId, ch = "gauges"): Update => ({ id, ch, set: { a: 1 } });

/** A reader of `names`, each with a snapshot at the given id. */
function readerAt(places: Partial<Record<Name, UpdateId>>, epoch = "e"): Reader {
  const reader = new Reader();
  reader.watch(Object.keys(places));
  for (const [name, id] of Object.entries(places))
    reader.open({ to: formatCursor(epoch, id), snapshot: { [name]: record(0) }, now: 0 });
  return reader;
}

describe("a reading", () => {
  it("[F3] subscribes from the lowest of its cursors, and asks for snapshots of the channels without one", () => {
    const reader = readerAt({ gauges: "9-0", stock: "7-5" });
    expect(subscription(reader.reading).cursor).toBe("e.7-5");
    reader.watch(["stock", "gauges", "visits"]);
    const { sub } = reader.reading;
    expect(subscription(reader.reading)).toEqual({
      channels: ["gauges", "stock", "visits"],
      cursor: "e.7-5",
      fresh: ["visits"],
      sub,
    });
  });

  it("[F3] knows a set of channels by its number, in whatever order and however often they are named", () => {
    const of = (...names: string[]) => resubscribe(NOTHING_READ, names).sub;
    expect(of("stock", "gauges", "stock")).toBe(of("gauges", "stock"));
    expect(new Set([of("gauges"), of("stock"), of("gauges", "stock")]).size).toBe(3);
    const { reading } = readerAt({ gauges: "1-0" });
    expect(resubscribe(reading, ["gauges", "gauges"])).toBe(reading);
  });

  it("[F3] goes on from its old cursor when a channel is watched again", () => {
    const reader = readerAt({ gauges: "5-0", stock: "5-0" });
    reader.watch(["stock"]);
    const { sub } = reader.reading;
    expect(reader.take({ from: "e.5-0", to: "e.8-0", updates: [], sub })).toBe("applied");
    reader.watch(["gauges", "stock"]);
    expect(subscription(reader.reading)).toMatchObject({ cursor: "e.5-0" });
  });

  it("[L5] keeps nothing of the old log, also of channels that are not watched now", () => {
    const reader = readerAt({ gauges: "5-0", stock: "5-0" }, "old");
    reader.watch(["gauges"]);
    const { sub } = reader.reading;
    reader.take({ to: "new.2-0", snapshot: { gauges: record(8) }, sub });
    reader.watch(["gauges", "stock"]);
    expect(subscription(reader.reading)).toMatchObject({ cursor: "new.2-0", fresh: ["stock"] });
  });

  it("[L5] remembers a bounded number of logs", () => {
    const reader = readerAt({ gauges: "1-0" });
    const { sub } = reader.reading;
    for (let i = 0; i < 100; i += 1) reader.take({ to: `n${i}.1-0`, snapshot: { gauges: record(i) }, sub });
    expect(reader.reading.left.length).toBeLessThanOrEqual(32);
    expect(reader.reading.left).toContain("n98");
  });
});

describe("a channel that may not be read", () => {
  it("[T7] is read again from a snapshot when it is permitted, told so or not", () => {
    for (const told of [{ denied: [] }, {}]) {
      const reader = readerAt({ gauges: "5-0", stock: "5-0" });
      const { sub } = reader.reading;
      reader.take({ from: "e.5-0", to: "e.6-0", updates: [], denied: ["stock"], sub });
      // Whoever was away when it was permitted gets it only on asking.
      expect(subscription(reader.reading).fresh).toEqual(["stock"]);
      const snapshot = { stock: record(2) };
      reader.take({ from: "e.6-0", to: "e.7-0", updates: [], snapshot, ...told, sub });
      const next = receive(reader.reading, {
        from: "e.7-0",
        to: "e.8-0",
        updates: [update("8-0", "stock")],
        sub,
      });
      expect(next).toMatchObject({ outcome: "applied", updates: [{ id: "8-0" }] });
      expect(next).toMatchObject({ reading: { denied: [], cursors: { gauges: "8-0", stock: "8-0" } } });
    }
  });
});
