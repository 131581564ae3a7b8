import { expect, it } from "vitest";
import { createGate } from "@/lib/server/http/gate";
import { readSettings } from "@/lib/server/settings";
import { createEventIngest } from "@/lib/server/transports/ingest-event";
import type { Intake } from "@/lib/server/transports/ingest-intake";
import type { Code } from "@/lib/shared/codes";

const EVENT = { channel: "gauges", updates: { a: 1 } };

/** Events of producers behind the product's gate; what they ask for is stored when `stored` resolves. */
function setUp(stored: Promise<string> = Promise.resolve("e.1-0")) {
  const state = { isShedding: false, entered: 0, refused: [] as Code[], faults: [] as unknown[] };
  const intake = {
    async enter() {
      state.entered += 1;
      return {};
    },
    check: () => [{ ch: "gauges" }],
    store: () => stored,
  } as unknown as Intake;
  const gate = createGate({ limits: readSettings({}).limits, isShedding: () => state.isShedding });
  const ingest = createEventIngest({
    intake: () => intake,
    admit: gate.admitWork,
    refused: (code) => void state.refused.push(code),
    report: (error) => void state.faults.push(error),
  });
  return { state, open: () => ingest({ key: undefined, address: "127.0.0.1" }) };
}

it("[T1][H4] a server that sheds refuses a socket's events, before it looks at them, and takes them afterwards", async () => {
  const { state, open } = setUp();
  const send = open();
  state.isShedding = true;
  expect(await send(EVENT)).toMatchObject({
    ok: false,
    error: { code: "overloaded", status: 503, retryAfter: expect.any(Number) },
  });
  expect([state.entered, state.refused]).toEqual([0, ["overloaded"]]);
  state.isShedding = false;
  expect(await send(EVENT)).toEqual({ ok: true, accepted: 1, cursor: "e.1-0" });
});

it("[T1][H4] the events of all sockets that wait take a bounded part of the memory, which comes back", async () => {
  let store = (_cursor: string) => {};
  const { open, state } = setUp(
    new Promise((resolve) => {
      store = resolve;
    }),
  );
  // Each socket has one under way: none is refused for having too many of its own.
  const answers = Array.from({ length: 20_000 }, () => open()(EVENT));
  await Promise.resolve();
  expect(state.entered).toBeLessThan(20_000);
  expect(state.entered).toBeGreaterThan(10);
  store("e.1-0");
  const taken = (await Promise.all(answers)).filter(({ ok }) => ok);
  expect(taken).toHaveLength(state.entered);
  expect(new Set(state.refused)).toEqual(new Set(["overloaded"]));
  expect(await open()(EVENT)).toMatchObject({ ok: true });
});

it("[T6] a fault is reported here, and tells its producer nothing", async () => {
  const { open, state } = setUp(Promise.reject(new Error("password=hunter2")));
  const answer = await open()(EVENT);
  expect(answer).toMatchObject({ ok: false, error: { code: "internal" } });
  expect(JSON.stringify(answer)).not.toContain("hunter2");
  expect(state.faults).toHaveLength(1);
});
