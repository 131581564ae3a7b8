import { describe, expect, it } from "vitest";
import { MAX_BATCH } from "@/lib/server/sources/stream";
import type { RecordState } from "@/lib/shared/state";
import { settled } from "../support/manual-clock";
import { ModelLog } from "../support/model-log";
import { feed, message, runScript } from "../support/scripted-stream";

const refused = () => Promise.reject(new Error("connection refused by kafka://me:secret@broker"));

describe("a stream's connection", () => {
  it("[S2] is tried again with growing, random pauses of at most half a minute, for as long as it takes", async () => {
    const at: number[] = [];
    const { clock, runner, lines, failed } = runScript({
      run: () => {
        at.push(clock.time);
        return refused();
      },
    });
    const chances = [0.999, 0.5, 0.1];
    let n = 0;
    clock.random = () => chances[n++ % 3]!;
    runner.start();
    await clock.pass(600_000);
    const waits = at.slice(1).map((time, i) => Math.round(time - at[i]!));
    let failing = 0;
    for (const [i, wait] of waits.slice(0, 12).entries()) {
      const ceiling = Math.min(30_000, Math.max(1000, failing));
      expect(wait, `pause ${i}`).toBeCloseTo(Math.max(100, ceiling * chances[i % 3]!), -1);
      failing += wait;
    }
    expect(Math.max(...waits)).toBeLessThanOrEqual(30_000);
    expect(Math.max(...waits)).toBeGreaterThan(29_000);
    expect(at.length).toBeGreaterThan(30);
    expect(failed).toHaveLength(at.length);
    expect(lines).toEqual(["a source fails"]);
    expect(clock.pending).toBe(1);
  });

  it("[S3] has a reason without passwords, counts its failures, and says when it is tried next", async () => {
    const { clock, runner } = runScript({ run: refused });
    runner.start();
    await settled();
    expect(runner.health()).toEqual({
      ...{ channel: "meter", title: "Meter", kind: "Script", target: "a script", state: "fails" },
      ...{ lastSuccess: null, lastTry: clock.time, failures: 1, nextTry: clock.time + 500 },
      ...{ reason: "connection refused by kafka://…@broker", lagMs: null, waiting: null },
      ...{ readings: 0, rejected: 0, lastRejection: null, dropped: 0 },
    });
    await clock.pass(1500);
    expect(runner.health()).toMatchObject({ failures: 4, nextTry: 1_000_300 + 1500 + 750 });
  });

  it("[S2] that throws instead of rejecting is a failure like any other", async () => {
    const { clock, runner, failed } = runScript({
      run: () => {
        throw new Error("no such topic");
      },
    });
    runner.start();
    await clock.pass(10_000);
    expect(runner.health().reason).toBe("no such topic");
    expect(failed.length).toBeGreaterThan(2);
  });

  it("[S2] is ended when it does not come about within 15 s, and not once it has", async () => {
    const { clock, runner, connections, start } = runScript({ isReady: false });
    await start();
    await clock.pass(14_999);
    expect(runner.health().state).toBe("starting");
    await clock.pass(1);
    expect(runner.health()).toMatchObject({ state: "fails", reason: "No connection within 15 s" });
    await clock.pass(500);
    connections[1]!.context.ready();
    await clock.pass(3_600_000);
    expect(connections).toHaveLength(2);
    expect(runner.health()).toMatchObject({ state: "works", failures: 0, reason: null, nextTry: null });
    // Too late: it has ended.
    connections[0]!.context.ready();
    expect(connections[0]!.context.signal.aborted).toBe(true);
  });

  it("[S2] counts as sound after ten seconds of working, however long it took to come about", async () => {
    const { clock, runner, connections, start } = runScript({ isReady: false });
    const failures = async (wait: number, works: number) => {
      await clock.pass(wait);
      const connection = connections.at(-1)!;
      connection.context.ready();
      await clock.pass(works);
      connection.end(new Error("reset"));
      await settled();
      const { failures, nextTry } = runner.health();
      await clock.pass(nextTry! - clock.time);
      return failures;
    };
    await start();
    expect(await failures(0, 0)).toBe(1);
    expect(await failures(14_000, 5000)).toBe(2);
    expect(await failures(0, 9999)).toBe(3);
    expect(await failures(0, 10_000)).toBe(1);
    expect(await failures(0, 1)).toBe(2);
  });

  it("[S2] that does not heed its signal is left alone: it is waited for 5 s, and never more than four go on", async () => {
    const { clock, log, runner, connections, start } = runScript({ isReady: false, isDeaf: true });
    const first = await start();
    await clock.pass(15_000 + 4999);
    expect(runner.health().state).toBe("starting");
    await clock.pass(1 + 500);
    expect(connections).toHaveLength(2);
    await expect(first.context.take([message({ a: 1 })])).rejects.toMatchObject({ code: "stopping" });
    await clock.pass(24 * 3_600_000);
    expect(connections).toHaveLength(4);
    expect(clock.pending).toBeLessThanOrEqual(2);
    expect(log.updates.every(({ down }) => down)).toBe(true);
    first.end();
    await clock.pass(60_000);
    expect(connections).toHaveLength(5);
  });

  it("[S3] that ends by itself is a failure, too", async () => {
    const { runner, start } = runScript();
    (await start()).end();
    await settled();
    expect(runner.health()).toMatchObject({ state: "fails", reason: "The connection ended" });
  });

  it("[S3] is tried at once when somebody asks, and one under way is left to go on", async () => {
    const { clock, runner, connections, start } = runScript({ isReady: false });
    clock.random = () => 1;
    await start();
    for (let i = 0; i < 6; i++) {
      connections.at(-1)!.end(new Error("refused"));
      await settled();
      if (i < 5) runner.tryNow();
      await settled();
    }
    expect(connections).toHaveLength(6);
    expect(runner.health().nextTry).toBe(clock.time + 1000);
    runner.tryNow();
    await settled();
    expect(connections).toHaveLength(7);
    for (let i = 0; i < 3; i++) runner.tryNow();
    await settled();
    expect(connections).toHaveLength(7);
    expect(connections[6]!.context.signal.aborted).toBe(false);
    connections[6]!.context.ready();
    runner.tryNow();
    await settled();
    expect(runner.health().state).toBe("works");
    expect(connections[6]!.context.signal.aborted).toBe(false);
  });
});

describe("what viewers hear of a stream", () => {
  it("[S3] is why it fails, once for each reason and half minute, and that it works again", async () => {
    let reason = "refused";
    let isBack = false;
    const { clock, runner, downs, lines } = runScript({
      run: async ({ ready, signal }) => {
        if (!isBack) throw new Error(reason);
        ready();
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      },
    });
    runner.start();
    await clock.pass(300_000);
    expect(downs().length).toBeGreaterThanOrEqual(7);
    expect(downs().length).toBeLessThanOrEqual(10);
    reason = "no such user";
    await clock.pass(30_000);
    expect(downs().at(-1)).toBe("no such user");
    isBack = true;
    await clock.pass(30_000);
    expect(downs().slice(-2)).toEqual(["no such user", ""]);
    expect(lines).toEqual(["a source fails", "a source works again"]);
  });

  it("[S3] is not said twice: an update takes the reason back by itself", async () => {
    const { clock, connections, downs, start } = runScript();
    (await start()).end(new Error("reset"));
    await clock.pass(500);
    await connections[1]!.context.take([message({ a: 1 })]);
    connections[1]!.end(new Error("reset"));
    await settled();
    expect(downs()).toEqual(["reset", "", "reset"]);
  });

  it("[S3] is taken back even if the log is out of reach when the stream works again", async () => {
    const { clock, log, connections, downs, start } = runScript();
    (await start()).end(new Error("reset"));
    await settled();
    log.fates = Array(5).fill("log_unavailable");
    await clock.pass(500);
    expect(connections).toHaveLength(2);
    expect(downs()).toEqual(["reset"]);
    await clock.pass(60_000);
    expect(downs()).toEqual(["reset", ""]);
    expect(clock.pending).toBe(0);
  });

  it("[S3] is taken back when nobody knows whether the reason was stored", async () => {
    const log = new ModelLog();
    const { clock, downs, start } = runScript({ log });
    const first = await start();
    log.fates = ["kept"];
    first.end(new Error("reset"));
    await clock.pass(500);
    expect(downs()).toEqual(["reset", ""]);
  });

  it("[S3] is taken back when it is another node's word", async () => {
    const state: RecordState = { kind: "record", asOf: 1, values: {}, ts: {}, down: "refused" };
    const { downs, start } = runScript({ stateOf: () => state });
    await start();
    await settled();
    expect(downs()).toEqual([""]);
  });

  it("[S3] keeps its order however slow the log is: a stream that fails again is not said to work", async () => {
    const { clock, log, connections, downs, start } = runScript();
    (await start()).end(new Error("reset"));
    await settled();
    let open = () => {};
    log.gate = new Promise((resolve) => {
      open = resolve;
    });
    await clock.pass(500);
    connections[1]!.end(new Error("reset"));
    await settled();
    log.gate = undefined;
    open();
    await settled();
    expect(connections).toHaveLength(2);
    expect(downs().at(-1)).toBe("reset");
  });
});

describe("a stream's batch", () => {
  it("[S2] of too many messages ends the connection, and garbage does not", async () => {
    const { runner, stored, start } = runScript({ channel: feed });
    const { context } = await start();
    const garbage = [null, 7, "text", [], [[]], { n: "seven" }, { m: 1 }, { n: 1, ts: 9e15 }, undefined];
    await context.take(
      [...garbage, { n: 1 }, [{ n: 2 }, { n: Number.NaN }, { n: 3 }]].map((v) => message(v)),
    );
    expect(stored().flatMap(({ items }) => items)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(runner.health()).toMatchObject({ rejected: 7, state: "works", readings: 3 });
    expect(runner.health().lastRejection).toMatch(/^n: /);
    const many = Array.from({ length: MAX_BATCH + 1 }, (_, n) => message({ n }));
    await expect(context.take(many)).rejects.toThrow("At most 500 messages");
    expect(stored()).toHaveLength(3);
  });

  it("[S3] counts what it leaves out while messages before it are being stored", async () => {
    const { log, runner, start } = runScript({ policy: { sample: 1 } });
    const { context } = await start();
    let open = () => {};
    log.gate = new Promise((resolve) => {
      open = resolve;
    });
    const taking = context.take([message({ a: 1 }), message({ a: 2 })]);
    await settled();
    context.leftOut(3);
    open();
    await taking;
    expect(runner.health()).toMatchObject({ readings: 1, dropped: 4 });
  });

  it("[S3] says how far it lags behind, and what waits at the broker", async () => {
    const { clock, runner, start } = runScript();
    const { context } = await start();
    await context.take([
      message({ a: 1 }, { at: clock.time - 700 }),
      message({ a: 2 }, { at: clock.time - 400 }),
    ]);
    context.behind(12);
    expect(runner.health()).toMatchObject({ lagMs: 400, waiting: 12 });
    await context.take([message({ a: 1 }, { at: clock.time + 5000 })]);
    expect(runner.health().lagMs).toBe(0);
  });

  it("[S2] is mapped, and a mapping that fails or is not done is refused with its reason", async () => {
    const maps = [
      ({ value }: { value: unknown }) => ({ a: (value as { x: number }).x }),
      () => null,
      () => {
        throw new TypeError("no such field");
      },
      async () => {
        throw new Error("unheard");
      },
    ];
    let n = 0;
    const { runner, stored, start } = runScript({ map: (one) => maps[n++]!(one) });
    const { context } = await start();
    await context.take([message({ x: 5 }), message({}), message({})]);
    expect(stored()).toEqual([{ ch: "meter", set: { a: 5 } }]);
    expect(runner.health()).toMatchObject({
      rejected: 1,
      lastRejection: "The mapping failed: no such field",
    });
    await context.take([message({})]);
    expect(runner.health().lastRejection).toBe("The mapping failed: it gave a promise");
  });
});

describe("a stream that begins anew", () => {
  it("[L4] when its log was replaced, is read on from what the log now knows, at once and as no failure", async () => {
    const { runner, log, connections, failed, start } = runScript();
    const first = await start();
    await first.context.take([message({ a: 1 })], { of: "t/0", after: "0-0", to: "9-0" });
    log.reached.set("t/0", "4-0");
    runner.startOver();
    await settled();
    expect(connections).toHaveLength(2);
    expect(await connections[1]!.context.places(["t/0"])).toEqual({ "t/0": "4-0" });
    expect([failed, runner.health().state]).toEqual([[], "works"]);
  });

  it("[S1] after somebody else has read on, and says so", async () => {
    const { clock, runner, log, connections, start } = runScript();
    const { context } = await start();
    log.reached.set("t/0", "5-0");
    const place = { of: "t/0", after: "3-0", to: "8-0" };
    await expect(context.take([message({ a: 1 })], place)).rejects.toMatchObject({ code: "place_passed" });
    await clock.pass(500);
    expect(connections).toHaveLength(2);
    expect(runner.health().state).toBe("works");
    expect(context.signal.aborted).toBe(true);
  });

  it("[S1] even if it does not look at what became of its messages", async () => {
    const { clock, runner, connections, log, start } = runScript({ policy: { latest: 100 } });
    const { context } = await start();
    log.reached.set("t/0", "5-0");
    await context.take([message({ a: 1 })], { of: "t/0", after: "3-0", to: "8-0" });
    await clock.pass(100);
    expect(runner.health()).toMatchObject({
      state: "fails",
      reason: "Somebody else has read on in this stream",
    });
    await clock.pass(500);
    expect(connections).toHaveLength(2);
  });
});

describe("a stream that is stopped", () => {
  const cases = {
    "while it connects": async (run: ReturnType<typeof runScript>) => void (await run.start()),
    "while it works": async (run: ReturnType<typeof runScript>) => (await run.start()).context.ready(),
    "during its pause": async (run: ReturnType<typeof runScript>) => {
      (await run.start()).end(new Error("reset"));
      await settled();
    },
    "while its messages cannot be stored": async (run: ReturnType<typeof runScript>) => {
      const { context } = await run.start();
      run.log.fates = Array(100).fill("log_unavailable");
      context.take([message({ a: 1 })]).catch(() => {});
      await run.clock.pass(3000);
    },
  };
  for (const [when, until] of Object.entries(cases))
    it(`[S2] ${when} leaves nothing behind`, async () => {
      const run = runScript({ isReady: false });
      await until(run);
      await run.runner.stop();
      const { length } = run.log.updates;
      run.runner.tryNow();
      run.runner.startOver();
      await run.clock.pass(100_000);
      expect([run.log.updates.length, run.clock.pending]).toEqual([length, 0]);
      for (const { context } of run.connections) {
        expect(context.signal.aborted).toBe(true);
        await expect(context.take([message({ a: 1 })])).rejects.toThrow();
      }
    });

  it("[S2] waits for an append under way, though its own code has ended, and for one that hangs 8 s at most", async () => {
    const { clock, log, runner, start } = runScript();
    const { context } = await start();
    let open = () => {};
    log.gate = new Promise((resolve) => {
      open = resolve;
    });
    context.take([message({ a: 1 })]).catch(() => {});
    await settled();
    let isOver = false;
    const stopped = runner.stop().then(() => {
      isOver = true;
    });
    await clock.pass(1000);
    expect(isOver).toBe(false);
    open();
    await stopped;
    expect([log.pending, clock.pending]).toEqual([0, 0]);

    const hung = runScript({ isDeaf: true });
    const second = await hung.start();
    hung.log.gate = new Promise(() => {});
    second.context.take([message({ a: 1 })]).catch(() => {});
    await settled();
    const ended = hung.runner.stop();
    await hung.clock.pass(8000);
    await ended;
  });
});
