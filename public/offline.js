/*
 * The offline page (C9): it stands at the address that was asked for, shows what was last known of it with its times,
 * and loads the page itself once the server answers. Hidden, it does nothing, except on a wall screen.
 */

const KEPT_PREFIX = "nowboard:kept:";
/** Waits between tries (ms) have full jitter below a ceiling that grows: many viewers come back at once. */
const LEAST_MS = 1000;
const MOST_MS = 30_000;
const ANSWER_MS = 5000;
/** Who lands here again this soon after a try that had an answer goes on with longer waits, ms. */
const AGAIN_MS = 60_000;
const TRIES = "nowboard.offline-tries";
/** As in lib/client/last-known.ts: what is older is not shown, and goes with the next page that is kept. */
const WEEK = 7 * 24 * 60 * 60_000;
const TWELVE_HOURS = 12 * 60 * 60_000;

const place = (id) => document.getElementById(id);
const isKiosk = isOn(new URLSearchParams(location.search).get("kiosk"));
const openedAt = Date.now();
const page = read(KEPT_PREFIX + location.pathname);

let failures = earlierTries();
let nextAt;
let timer;
let isAsking = false;

// ── What is shown ─────────────────────────────────────────────────────────────────────────────────────────

/** The same reading of `?kiosk` as the server's. */
function isOn(kiosk) {
  return kiosk !== null && !/^(no|off|false|0)$/i.test(kiosk);
}

function read(key) {
  try {
    const kept = JSON.parse(localStorage.getItem(key));
    const isOurs = Array.isArray(kept?.numbers) && Array.isArray(kept.tables);
    return isOurs && Date.now() - (kept.at - kept.ahead) <= WEEK ? kept : undefined;
  } catch {
    return undefined;
  }
}

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/** A time of day, with its date when it is far from now. */
function timeText(ms, locale) {
  const clock = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
  const isFar = Math.abs(Date.now() - ms) > TWELVE_HOURS;
  const options = isFar ? { day: "numeric", month: "short", ...clock } : clock;
  return new Intl.DateTimeFormat(locale, options).format(ms);
}

/** "41 s", "2 min", "3 h", "5 d"; as everywhere, rounded down. */
function ageText(ms) {
  const [size, name] =
    ms < 60_000
      ? [1000, "s"]
      : ms < 3_600_000
        ? [60_000, "min"]
        : ms < 86_400_000
          ? [3_600_000, "h"]
          : [86_400_000, "d"];
  return `${Math.floor(ms / size)}\u00a0${name}`;
}

/** When something was true, by this browser's clock. A clock that was put back gives no age. */
function asOf(at, { ahead, locale }) {
  const local = at - ahead;
  const age = Date.now() - local;
  return `as of ${timeText(local, locale)}${age >= 0 ? `, ${ageText(age)} ago` : ""}`;
}

function timeLine(at) {
  const line = element("p", "at");
  line.dataset.at = at;
  return line;
}

function numberCard({ title, text, unit, unitFirst, at }) {
  const parts = [element("b", "", text)];
  if (unit) parts[unitFirst ? "unshift" : "push"](element("span", "", unit));
  return element("article", "", element("h2", "", title), element("p", "value", ...parts), timeLine(at));
}

function tableCard({ title, columns, rows, more, at }) {
  const cellOf = (name, i, text) => element(name, columns[i]?.isNumber ? "number" : "", text);
  const heads = columns.map((column, i) => cellOf("th", i, column.title));
  for (const head of heads) head.scope = "col";
  const body = rows.map((row) => element("tr", "", ...row.map((text, i) => cellOf("td", i, text))));
  const table = element(
    "table",
    "",
    element("thead", "", element("tr", "", ...heads)),
    element("tbody", "", ...body),
  );
  const rest = more > 0 ? [element("p", "at", `and ${more} more, not kept`)] : [];
  const card = element(
    "section",
    "",
    element("div", "", element("h2", "", title), timeLine(at), ...rest),
    table,
  );
  card.setAttribute("aria-label", title);
  // What is wider than the screen is scrolled with the keyboard, too.
  card.tabIndex = 0;
  return card;
}

/** Links to other pages of which something is kept. */
function otherPages() {
  const paths = Object.keys(localStorage)
    .filter((key) => key.startsWith(KEPT_PREFIX))
    .map((key) => key.slice(KEPT_PREFIX.length))
    .filter((path) => path !== location.pathname && read(KEPT_PREFIX + path));
  const links = paths.map((path) => {
    const link = element("a", "", read(KEPT_PREFIX + path).title);
    link.href = path;
    return element("li", "", link);
  });
  if (links.length === 0) return;
  place("others").append("Last-known values of other pages:", element("ul", "", ...links));
  place("others").hidden = false;
}

function show() {
  const theme = attempt(() => localStorage.getItem("theme"));
  const isDark =
    theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.classList.toggle("dark", isDark);
  document.documentElement.classList.toggle("kiosk", isKiosk);
  place("why").textContent = `The server has been out of reach since ${timeText(openedAt, page?.locale)}.`;
  if (page) {
    document.title = `${page.title} (not live) · Nowboard`;
    place("title").textContent = page.title;
    place("demo").hidden = !page.isDemo;
    place("numbers").append(...page.numbers.map(numberCard));
    place("tables").append(...page.tables.map(tableCard));
  }
  attempt(otherPages);
  tick();
}

/** What grows old on the screen. */
function tick() {
  if (page) {
    const parts = [
      "These numbers are ",
      element("b", "", "not live"),
      `: last known, ${asOf(page.at, page)}.`,
    ];
    place("said").replaceChildren(...parts, " This page becomes live again by itself.");
    for (const line of document.querySelectorAll("[data-at]"))
      line.textContent = asOf(Number(line.dataset.at), page);
  } else {
    place("said").textContent =
      "Nothing is known of this page in this browser. It opens by itself when the server answers.";
  }
  const seconds = nextAt === undefined ? 0 : Math.ceil((nextAt - Date.now()) / 1000);
  place("next").textContent = isAsking || seconds <= 0 ? "Trying now …" : `Next try in ${seconds} s.`;
}

// ── The way back ──────────────────────────────────────────────────────────────────────────────────────────

const isWatched = () => isKiosk || document.visibilityState === "visible";

function attempt(run) {
  try {
    return run();
  } catch {
    return undefined;
  }
}

function earlierTries() {
  const { at, tries } = attempt(() => JSON.parse(sessionStorage.getItem(TRIES))) ?? {};
  return Date.now() - at < AGAIN_MS && tries > 0 ? tries : 0;
}

/** Once a second while somebody looks: it counts down, lets ages grow, and tries when it is time. */
function run() {
  clearInterval(timer);
  timer = isWatched() ? setInterval(beat, 1000) : undefined;
}

function beat() {
  tick();
  if (nextAt !== undefined && Date.now() >= nextAt) void tryAgain();
}

function wait() {
  const ceiling = Math.min(MOST_MS, LEAST_MS * 2 ** Math.min(failures, 10));
  nextAt = Date.now() + LEAST_MS + Math.random() * ceiling;
  tick();
}

async function tryAgain() {
  if (isAsking) return;
  isAsking = true;
  tick();
  const isThere = await answers();
  isAsking = false;
  failures += 1;
  if (!isThere) return wait();
  attempt(() => sessionStorage.setItem(TRIES, JSON.stringify({ at: Date.now(), tries: failures })));
  nextAt = undefined;
  location.reload();
}

/** Is the server itself there? On a foreign network something else may answer. */
async function answers() {
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const answer = await fetch("/healthz", { cache: "no-store", redirect: "error", signal });
    return (await answer.json()).status === "ok";
  } catch {
    return false;
  }
}

show();
wait();
run();
place("again").addEventListener("click", tryAgain);
window.addEventListener("online", tryAgain);
document.addEventListener("visibilitychange", () => {
  run();
  if (document.visibilityState === "visible") beat();
});
