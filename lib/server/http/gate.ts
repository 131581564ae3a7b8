import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { performance } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";
import type { Code, ProblemExtras } from "@/lib/shared/codes";
import type { LimitSettings } from "../settings";
import { refusal } from "./admission";
import { countedAs, createAddressReader } from "./client-address";
import { ConnectionLimits } from "./connection-limits";
import { kindOf, type RequestKind } from "./request-kind";
import type { Visit } from "./visit";

/** The answer to who was refused for want of room says to come back in so many seconds, at random. */
const RETRY_S = { least: 2, most: 8 };
/** Ingest bodies that are under way may take this share of the heap's limit as text; read, each is a few times that. */
const BODY_SHARE = 1 / 32;
/** As much as ingest takes of one body at once. */
const WHOLE_BODY_BYTES = 1024 * 1024;
const SANE_ID = /^[\w.:-]{8,64}$/;
/** Nothing was counted in, so nothing is to be counted out. */
const NOTHING = () => {};

export interface GateOptions {
  limits: LimitSettings;
  /** Is new work refused at present? */
  isShedding: () => boolean;
}

export interface Refused extends Pick<ProblemExtras, "retryAfter"> {
  code: Code;
}

/** What the door asks about each request and upgrade (H4). */
export interface Gate {
  /** Takes down who asks, and for what. */
  visit(req: IncomingMessage, kind?: RequestKind): Visit;
  /** Refuses it, or counts it in and returns how to count it out, which may be called more than once. */
  admit(req: IncomingMessage, visit: Visit): Refused | (() => void);
  /** The same for work of so many bytes that comes over a connection that is held: refused, or how to count it out. */
  admitWork(bytes: number): Refused | (() => void);
  /** Connections that are held now, and the addresses that hold them. */
  readonly held: { connections: number; addresses: number };
}

/** The most of a body that is in memory at a time: a long upload is read in parts, and may not say its length. */
function textOf({ headers }: IncomingMessage): number {
  const length = headers["content-length"];
  return length === undefined ? WHOLE_BODY_BYTES : Math.min(Number(length) || 0, WHOLE_BODY_BYTES);
}

export function createGate({ limits, isShedding }: GateOptions): Gate {
  const addresses = createAddressReader(limits.trustedProxies);
  const connections = new ConnectionLimits({
    total: limits.connections,
    perAddress: limits.connectionsPerAddress,
  });
  const bodyBytes = getHeapStatistics().heap_size_limit * BODY_SHARE;
  let bytesUnderWay = 0;

  function later(waitMs = 0): number {
    return Math.ceil(waitMs / 1000 + RETRY_S.least + Math.random() * (RETRY_S.most - RETRY_S.least));
  }

  function hold({ address, kind, at }: Visit): Refused | (() => void) {
    const entered = connections.enter(countedAs(address), at, kind.isNew);
    if (typeof entered === "function") return entered;
    return { code: entered.code, retryAfter: later(entered.waitMs) };
  }

  /** Many bodies at once could fill the memory before their senders are found to be too fast. */
  function takeBody(length: number): Refused | (() => void) {
    // One alone is always taken: its own size is limited where it is read.
    if (bytesUnderWay > 0 && bytesUnderWay + length > bodyBytes)
      return { code: "overloaded", retryAfter: later() };
    let isUnderWay = true;
    bytesUnderWay += length;
    return () => {
      if (isUnderWay) bytesUnderWay -= length;
      isUnderWay = false;
    };
  }

  return {
    visit(req, kind = kindOf(req.method ?? "GET", req.url ?? "/")) {
      const given = addresses.isTrusted(req) ? req.headers["x-request-id"] : undefined;
      return {
        id: typeof given === "string" && SANE_ID.test(given) ? given : randomUUID(),
        address: addresses.addressOf(req),
        kind,
        at: performance.now(),
      };
    },

    admit(req, visit) {
      const code = refusal(req);
      if (code) return { code };
      if (visit.kind.isNew && isShedding()) return { code: "overloaded", retryAfter: later() };
      if (visit.kind.held) return hold(visit);
      if (visit.kind.route === "ingest") return takeBody(textOf(req));
      return NOTHING;
    },

    admitWork(bytes) {
      return isShedding() ? { code: "overloaded", retryAfter: later() } : takeBody(bytes);
    },

    get held() {
      return { connections: connections.total, addresses: connections.addresses };
    },
  };
}
