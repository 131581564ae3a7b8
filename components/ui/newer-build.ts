/** A page that is loaded anew and still lacks code is not loaded again for this long, ms. */
const AGAIN_MS = 60_000;
const ANSWER_MS = 5000;
const RELOADED_AT = "nowboard.reloaded-at";

/**
 * Called when a piece of the page's code could not be had. After an update the server has the pieces of another
 * build only, so asking again would not help: then the page is loaded anew, from where its numbers go on. At most
 * once a minute, as nodes of both builds may answer while an update is under way.
 */
export async function reloadIfOutdated(): Promise<void> {
  // Next puts there which build made the page; nothing in development.
  const mine = process.env.NEXT_DEPLOYMENT_ID;
  if (!mine) return;
  const current = await buildOfServer();
  if (current === undefined || current === mine) return;
  if (mayReload()) location.reload();
}

/** Notes it, too. Where nothing can be noted the page is left alone: it could be loaded for ever. */
function mayReload(): boolean {
  try {
    if (Date.now() - Number(sessionStorage.getItem(RELOADED_AT) ?? 0) < AGAIN_MS) return false;
    sessionStorage.setItem(RELOADED_AT, String(Date.now()));
    return true;
  } catch {
    return false;
  }
}

/** `undefined` when the server is out of reach, or something else answers in its place. */
async function buildOfServer(): Promise<string | undefined> {
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const answer = await fetch("/healthz", { cache: "no-store", signal });
    const { status, build } = await answer.json();
    return status === "ok" && typeof build === "string" ? build : undefined;
  } catch {
    return undefined;
  }
}
