import { expect, it } from "vitest";
import { kindOf } from "@/lib/server/http/request-kind";

const CURSOR = "abcdefgh.1700000000000-0";
const EVENTS = { route: "events", held: true, isNew: true };
const NEW_POLL = { route: "poll", held: false, isNew: true };
const NEW_WAIT = { route: "poll", held: true, isNew: true };

it.each([
  ["/api/live/events?channels=a", EVENTS],
  [`/api/live/events?channels=a&cursor=${CURSOR}`, EVENTS],
  ["/api/live/%65vents?channels=a", EVENTS],
  ["/%61pi/live/events", EVENTS],
  ["/api/live/poll?channels=a", NEW_POLL],
  ["/api/live/poll", NEW_POLL],
  ["/api/live/poll?channels=a&cursor=nonsense", NEW_POLL],
  [`/api/live/poll?channels=a&cursor=${CURSOR}`, { route: "poll", held: false, isNew: false }],
  [`/api/live/poll?channels=a&cursor=${CURSOR}&wait=10`, { route: "poll", held: true, isNew: false }],
  ["/api/live/poll?channels=a&wait=0", NEW_POLL],
  ["/api/live/poll?wait=5", NEW_WAIT],
  ["/api/live/poll?wait=%35", NEW_WAIT],
  ["/api/live/poll?%77ait=5", NEW_WAIT],
  ["/api/live/poll?wait=0.5", NEW_WAIT],
  ["/api/live/poll?wait=0x10", NEW_WAIT],
  ["/api/live/poll?wait=+5", NEW_WAIT],
  ["/api/live/snapshot?channels=a", { route: "snapshot", held: false, isNew: true }],
  ["/api/ingest/gauges", { route: "ingest", held: false, isNew: true }],
  ["/api/history?channel=a", { route: "history", held: false, isNew: true }],
  ["/api/channels", { route: "api", held: false, isNew: true }],
  ["/_next/static/chunks/a.js", { route: "static", held: false, isNew: false }],
  ["/sw.js?build=b1", { route: "static", held: false, isNew: false }],
  ["/offline.html", { route: "static", held: false, isNew: false }],
  ["/manifest.webmanifest", { route: "static", held: false, isNew: false }],
  ["/icon-192.png", { route: "static", held: false, isNew: false }],
  ["/offline.html/else", { route: "page", held: false, isNew: true }],
  ["/healthz", { route: "health", held: false, isNew: false }],
  ["/readyz", { route: "health", held: false, isNew: false }],
  ["/metrics?name=x", { route: "health", held: false, isNew: false }],
  ["/", { route: "page", held: false, isNew: true }],
  ["/database?_rsc=1", { route: "page", held: false, isNew: true }],
  ["/_next/image?url=x", { route: "page", held: false, isNew: true }],
  ["/_next/static/../../", { route: "static", held: false, isNew: false }],
  ["/%", { route: "page", held: false, isNew: true }],
])("[H4] a request of %s", (target, kind) => {
  expect(kindOf("GET", target)).toEqual(kind);
});

it("[H4] is held only when there is something to wait for", () => {
  for (const target of ["/api/live/events", "/api/live/poll?wait=9"])
    expect(kindOf("HEAD", target).held).toBe(false);
});
