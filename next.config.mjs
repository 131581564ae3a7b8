import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { PHASE_PRODUCTION_BUILD, PHASE_PRODUCTION_SERVER } from "next/constants.js";

const at = (path) => new URL(path, import.meta.url);

function filesBelow(path) {
  if (!existsSync(at(path))) return [];
  if (!statSync(at(path)).isDirectory()) return [path];
  return readdirSync(at(path))
    .sort()
    .flatMap((name) => filesBelow(`${path}/${name}`));
}

/** The same for the same sources, on whatever machine they are built. */
function hashOfSources() {
  const hash = createHash("sha256");
  const sources = JSON.parse(readFileSync(at("lib/server/build-sources.json"), "utf8"));
  for (const path of sources.flatMap(filesBelow)) {
    const text = readFileSync(at(path));
    hash.update(`${path}\n${text.length}\n`).update(text);
  }
  return hash.digest("hex").slice(0, 16);
}

/** What the build that is there was given: the sources may have changed since. */
function idOfBuild() {
  const path = ".next/required-server-files.json";
  return existsSync(at(path)) ? JSON.parse(readFileSync(at(path), "utf8")).config.deploymentId : undefined;
}

/**
 * A page remembers which build it came from; when it navigates and the answer comes from another one, it is
 * loaded anew instead of mixing the code of two.
 */
function deploymentId(phase) {
  if (phase === PHASE_PRODUCTION_BUILD) return hashOfSources();
  return phase === PHASE_PRODUCTION_SERVER ? idOfBuild() : undefined;
}

const OWN = "default-src 'none'; connect-src 'self'; base-uri 'none'; form-action 'none'";

/** The worker and the offline page need little, and are given no more; a new worker is never looked for in a cache. */
async function headers() {
  const policy = (value) => ({ key: "Content-Security-Policy", value });
  return [
    { source: "/sw.js", headers: [{ key: "Cache-Control", value: "no-cache" }, policy(OWN)] },
    {
      source: "/offline.html",
      headers: [policy(`${OWN}; script-src 'self'; style-src 'self'; frame-ancestors 'none'`)],
    },
  ];
}

/** @type {(phase: string) => import("next").NextConfig} */
export default (phase) => ({
  // The lint and type checks are `npm run check`; a build only builds.
  typescript: { ignoreBuildErrors: true },
  poweredByHeader: false,
  reactStrictMode: true,
  deploymentId: deploymentId(phase),
  headers,
});
