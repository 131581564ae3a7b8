import { AsyncLocalStorage } from "node:async_hooks";
import type { Code } from "@/lib/shared/codes";
import type { RequestKind } from "./request-kind";

/** One request, as the door saw it. */
export interface Visit {
  /** In every log line of the request, and in its answer's `X-Request-Id`. */
  readonly id: string;
  /** The client's, behind trusted proxies. */
  readonly address: string;
  readonly kind: RequestKind;
  /** When it came, ms on a monotonic clock. */
  readonly at: number;
  /** What it was refused with, once it was. */
  code?: Code;
}

const visits = new AsyncLocalStorage<Visit>();

/** Runs `work`, and all that follows from it, as part of a request. */
export function within<T>(visit: Visit, work: () => T): T {
  return visits.run(visit, work);
}

/** The request that is being worked on, if there is one. */
export function currentVisit(): Visit | undefined {
  return visits.getStore();
}
