/*
 * The service worker. It has one task: when a page is asked for and the server cannot be reached, it answers with the
 * offline page (C9). Everything else goes its way as if there were no worker: the API, live connections, what a page
 * fetches of another page, code, and every page while there is a server to answer.
 */

/** Each build registers a worker under its own address, so the offline page is of the newest build. */
const BUILD = new URL(self.location.href).searchParams.get("build") ?? "";
const PREFIX = "nowboard-offline-";
const KEPT = PREFIX + BUILD;
const PAGE = "/offline.html";
/** What the offline page consists of, and no other page. */
const PARTS = ["/offline.css", "/offline.js"];
/** Addresses that are never a page for people. */
const NO_PAGE = /^\/(api|socket\.io|_next)\/|^\/(healthz|readyz|metrics)$/;
const DIRECT = ["/api/*", "/socket.io/*", "/_next/*", "/healthz", "/readyz", "/metrics"];
/** A proxy's own words for a server that it cannot reach. */
const FROM_BETWEEN = [502, 503, 504];

self.addEventListener("install", (event) => event.waitUntil(install(event)));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== self.location.origin) return;
  if (mode === "navigate" && !NO_PAGE.test(pathname)) event.respondWith(page(event));
  else if (mode !== "navigate" && PARTS.includes(pathname)) event.respondWith(part(event));
});

async function install(event) {
  // Where the browser can, it does not even ask the worker about these.
  const direct = DIRECT.map((urlPattern) => ({ condition: { urlPattern }, source: "network" }));
  await event.addRoutes?.(direct).catch(() => {});
  const kept = await caches.open(KEPT);
  await Promise.all([PAGE, ...PARTS].map(async (path) => kept.put(path, await own(path))));
  // It takes over at once: nothing of a page depends on which worker there is.
  await self.skipWaiting();
}

/** Throws when something else answers in the server's place; the worker is then installed another time. */
async function own(path) {
  const answer = await fetch(path, { cache: "no-store", redirect: "error" });
  if (!answer.ok || !isOurs(answer)) throw new Error(`${path} did not come from the server`);
  return answer;
}

async function activate() {
  const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== KEPT);
  await Promise.all(old.map((name) => caches.delete(name)));
  // Pages do not wait for the worker to start.
  await self.registration.navigationPreload?.enable();
}

async function page(event) {
  let answer;
  try {
    answer = (await event.preloadResponse) ?? (await fetch(event.request));
    if (!FROM_BETWEEN.includes(answer.status) || isOurs(answer)) return answer;
  } catch {
    // Nobody answers.
  }
  return (await caches.match(PAGE, { cacheName: KEPT })) ?? answer ?? Response.error();
}

async function part(event) {
  return (await caches.match(event.request, { cacheName: KEPT })) ?? fetch(event.request);
}

/** Every answer of the server has this header. */
function isOurs(answer) {
  return answer.headers.has("X-Request-Id");
}
