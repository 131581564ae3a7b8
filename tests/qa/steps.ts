/** What can happen in a random run: faults, their ends, and what a viewer does. Plain data, so that a failing run can be minimised and printed. */
import fc from "fast-check";
import type { Faults, Tampering } from "@/tests/support/network-proxy-faults";

export type Step =
  | { kind: "orders"; count: number }
  | { kind: "wait"; ms: number }
  | { kind: "network"; faults: Partial<Faults> }
  | { kind: "clear" }
  | { kind: "cut-open" }
  | { kind: "half-open" }
  | { kind: "tamper"; how: Tampering }
  | { kind: "offline"; ms: number }
  | { kind: "sleep"; ms: number }
  | { kind: "kill-9" }
  | { kind: "restart" }
  | { kind: "stall-server"; ms: number }
  | { kind: "visit"; page: "Overview" | "Infrastructure" | "API" | "Database" | "Business" }
  | { kind: "history"; by: -1 | 1 }
  | { kind: "reload" }
  | { kind: "leave-and-return" }
  | { kind: "second-tab" };

const faults: fc.Arbitrary<Partial<Faults>> = fc.oneof(
  fc.record({ websocket: fc.constantFrom("pass", "refuse", "notFound", "mute" as const) }),
  fc.record({ sse: fc.constantFrom("pass", "refuse", "hold", "buffer", "gzip" as const) }),
  fc.record({ cutHeldAfter: fc.constantFrom(undefined, 0, 2000) }),
  fc.record({ network: fc.constantFrom("pass", "cut", "stall", "portal" as const) }),
  fc.record({ delay: fc.constantFrom(0, 50, 400) }),
  fc.record({ bytesPerSecond: fc.constantFrom(0, 20_000) }),
  fc.record({ from: fc.constantFrom("127.0.0.1", "127.0.0.2") }),
);

const weighted = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });
const bare = <K extends Step["kind"]>(kind: K) => fc.constant({ kind });

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    weighted(6, fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 100, max: 6000 }) })),
    weighted(3, fc.record({ kind: fc.constant("orders" as const), count: fc.integer({ min: 1, max: 300 }) })),
    weighted(7, fc.record({ kind: fc.constant("network" as const), faults })),
    weighted(4, bare("clear")),
    weighted(2, bare("cut-open")),
    weighted(2, bare("half-open")),
    weighted(
      2,
      fc.record({ kind: fc.constant("tamper" as const), how: fc.constantFrom("drop", "repeat" as const) }),
    ),
    weighted(
      2,
      fc.record({ kind: fc.constant("offline" as const), ms: fc.integer({ min: 200, max: 5000 }) }),
    ),
    weighted(2, fc.record({ kind: fc.constant("sleep" as const), ms: fc.integer({ min: 1000, max: 9000 }) })),
    weighted(2, bare("kill-9")),
    weighted(1, bare("restart")),
    weighted(
      1,
      fc.record({ kind: fc.constant("stall-server" as const), ms: fc.integer({ min: 500, max: 6000 }) }),
    ),
    weighted(
      5,
      fc.record({
        kind: fc.constant("visit" as const),
        page: fc.constantFrom("Overview", "Infrastructure", "API", "Database", "Business" as const),
      }),
    ),
    weighted(2, fc.record({ kind: fc.constant("history" as const), by: fc.constantFrom(-1, 1 as const) })),
    weighted(2, bare("reload")),
    weighted(2, bare("leave-and-return")),
    weighted(1, bare("second-tab")),
  ),
  { minLength: 4, maxLength: 16 },
);

/** A step on a line of its own, for people. */
export function wordsOf({ kind, ...details }: Step): string {
  const text = JSON.stringify(details);
  return text === "{}" ? kind : `${kind} ${text}`;
}
