import { parseCursor } from "@/lib/shared/cursor";

/** What a request is for: few values, as they are labels of metrics. */
export type Route =
  | "socket"
  | "events"
  | "poll"
  | "snapshot"
  | "ingest"
  | "history"
  | "api"
  | "health"
  | "static"
  | "page";

export interface RequestKind {
  route: Route;
  /** It stays open, so it is counted as a connection. */
  held: boolean;
  /** It begins something. A viewer who reads on from a cursor, and what a page is made of, do not. */
  isNew: boolean;
}

const LIVE = /^\/api\/live\/(events|poll|snapshot)$/;
const HEALTH = /^\/(healthz|readyz|metrics)$/;
const STATIC =
  /^\/(_next\/static\/|(apple-icon\.png|icon\.svg|icon-[\w-]+\.png|manifest\.webmanifest|sw\.js|offline\.(css|html|js))$)/;

/**
 * Tells what a request is for by its target. It reads paths as Next does, escapes decoded, so that writing one
 * in another way is no way around a limit.
 */
export function kindOf(method: string, target: string): RequestKind {
  const end = target.indexOf("?");
  const path = decoded(end < 0 ? target : target.slice(0, end));
  const route = routeOf(path);
  if (route === "poll") return pollKind(method, new URLSearchParams(end < 0 ? "" : target.slice(end)));
  if (route === "events") return { route, held: method === "GET", isNew: true };
  return { route, held: false, isNew: route !== "health" && route !== "static" };
}

/** An upgrade to a WebSocket of Socket.IO's, and any other, which is refused or, in development, Next's. */
export const SOCKET: RequestKind = { route: "socket", held: true, isNew: true };
export const OTHER_UPGRADE: RequestKind = { route: "page", held: false, isNew: false };

function pollKind(method: string, query: URLSearchParams): RequestKind {
  const held = method === "GET" && Number(query.get("wait") ?? 0) > 0;
  const isNew = parseCursor(query.get("cursor")) === undefined;
  return { route: "poll", held, isNew };
}

function routeOf(path: string): Route {
  const [, live] = LIVE.exec(path) ?? [];
  if (live !== undefined) return live as Route;
  if (path === "/api/history") return "history";
  if (path.startsWith("/api/")) return path.startsWith("/api/ingest/") ? "ingest" : "api";
  if (STATIC.test(path)) return "static";
  return HEALTH.test(path) ? "health" : "page";
}

function decoded(path: string): string {
  if (!path.includes("%")) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
