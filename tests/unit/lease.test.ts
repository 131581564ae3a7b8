import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answered, expire, initialLease, LEASE_MS, type LeaseState } from "@/lib/server/cluster/lease";

const waiting = initialLease("a");
const grant = (sentAt: number, token = "a") => ({ token, sentAt, granted: true });
const refuse = (sentAt: number, token = "a") => ({ token, sentAt, granted: false });
const held = answered(waiting, grant(1000), 1010, "b");

describe("a lease", () => {
  it("[K3] is held from a grant until a second before Redis can have let go, counted from the request", () => {
    expect(held).toEqual({ name: "held", token: "a", until: 1000 + LEASE_MS - 1000 });
    expect(expire(held, 4999, "b")).toBe(held);
    expect(expire(held, 5000, "b")).toEqual({ name: "waiting", token: "b" });
  });

  it("[K3] is not held because of an answer that came too late", () => {
    expect(answered(waiting, grant(1000), 5000, "b")).toBe(waiting);
    expect(answered(held, grant(2000), 6500, "b")).toEqual({ name: "waiting", token: "b" });
  });

  it("[K3] goes on with each renewal, and an answer that was overtaken takes nothing away", () => {
    const renewed = answered(held, grant(2000), 2010, "b");
    expect(renewed).toMatchObject({ name: "held", until: 6000 });
    expect(answered(renewed, grant(1500), 2020, "b")).toBe(renewed);
  });

  it("[K3] is lost at once when Redis says that another node has it", () => {
    expect(answered(held, refuse(2000), 2010, "b")).toEqual({ name: "waiting", token: "b" });
    expect(answered(waiting, refuse(2000), 2010, "b")).toBe(waiting);
  });

  it("[K3] is not given by the answer to a token of an earlier holding", () => {
    const after = expire(held, 5000, "b");
    expect(answered(after, grant(4900, "a"), 5001, "c")).toBe(after);
    expect(answered(held, refuse(2000, "z"), 2010, "b")).toBe(held);
  });

  it("[K3] is never held by two nodes, whatever is lost or late on the way", () => {
    const step = fc.record({
      node: fc.constantFrom(0, 1, 2),
      pause: fc.integer({ min: 0, max: 2500 }),
      /** How long the request and its answer take; lost when it is too long. */
      there: fc.integer({ min: 0, max: 6000 }),
      back: fc.integer({ min: 0, max: 6000 }),
      lost: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let holder: { token: string; until: number } | undefined;
        const states: LeaseState[] = [0, 1, 2].map((node) => initialLease(`${node}.0`));
        let tokens = 0;
        const events: { at: number; run: (now: number) => void }[] = [];
        let start = 0;
        for (const { node, pause, there, back, lost } of steps) {
          start += pause;
          const sentAt = start;
          let token = "";
          let granted = false;
          events.push({
            at: sentAt,
            run: () => {
              token = states[node]!.token;
            },
          });
          events.push({
            at: sentAt + there,
            run: (now) => {
              if (!holder || now >= holder.until || holder.token === token)
                holder = { token, until: now + LEASE_MS };
              granted = holder.token === token;
            },
          });
          if (!lost)
            events.push({
              at: sentAt + there + back,
              run: (now) => {
                const next = `${node}.${++tokens}`;
                states[node] = answered(states[node]!, { token, sentAt, granted }, now, next);
              },
            });
        }
        for (const { at, run } of events.sort((a, b) => a.at - b.at)) {
          run(at);
          const holders = states.filter((state) => expire(state, at, "x").name === "held");
          expect(holders.length).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 500 },
    );
  });
});
