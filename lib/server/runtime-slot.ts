import type { Runtime } from "./runtime";

/**
 * `server.ts`, route handlers and pages each get their own instance of a module; only `globalThis` is
 * shared. So the one runtime of this process lives in a slot there.
 */
const SLOT = Symbol.for("nowboard.runtime");
const shared = globalThis as { [SLOT]?: Runtime };

export function setRuntime(runtime: Runtime): void {
  shared[SLOT] = runtime;
}

/** The runtime that `server.ts` started. Throws where there is none, as in a build. */
export function getRuntime(): Runtime {
  const runtime = shared[SLOT];
  if (!runtime) throw new Error("Nowboard's runtime has not been started: pages are served by server.ts");
  return runtime;
}
