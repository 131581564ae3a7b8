import type { Code } from "@/lib/shared/codes";

/**
 * Who may talk to this server. It listens on loopback only, but any web page can make a browser send
 * requests there, so the names in a request decide: `Host` against DNS rebinding, `Origin` and
 * `Sec-Fetch-Site` against other sites.
 */
export interface RequestHead {
  method?: string;
  /** The request target as sent: a path, or an absolute form that is refused. */
  url?: string;
  headers: { host?: string; origin?: string; "sec-fetch-site"?: string | string[] };
}

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** The code to refuse the request with, or `undefined` when it may go on. */
export function refusal({ method = "GET", url = "/", headers }: RequestHead): Code | undefined {
  const { host, origin } = headers;
  if (!url.startsWith("/")) return "forbidden_host";
  // RFC 9112, 3.2.1: a target has a path and a query. What is read as a fragment later would hide part of the query.
  if (url.includes("#")) return "bad_request";
  if (host === undefined || !LOOPBACK.has(hostName(host))) return "forbidden_host";
  if (origin !== undefined)
    return origin === `http://${host}` || origin === `https://${host}` ? undefined : "forbidden_origin";
  // A browser leaves `Origin` out of plain GETs; then it says itself whether another site asked. Following
  // a link to a page is fine.
  const site = headers["sec-fetch-site"];
  const foreign = site === "cross-site" || site === "same-site";
  const safePage = (method === "GET" || method === "HEAD") && !/^\/+(api|socket\.io)\//i.test(url);
  return foreign && !safePage ? "forbidden_origin" : undefined;
}

/** RFC 9110, 7.2: `Host = uri-host [ ":" port ]`; an IPv6 address stands in brackets. */
function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, "");
}
