import { createHash } from "node:crypto";
import type { History } from "@/lib/shared/history";
import { parseHistoryQuery } from "./history-query";
import type { ReadHistory } from "./history-reader";

/**
 * A3: `GET /api/history?channel=&from=&to=[&metrics=a,b][&points=]`, times as ms or ISO 8601. 304 when what
 * `If-None-Match` names is still what would be answered.
 */
export async function answerHistory(read: ReadHistory, request: Request): Promise<Response> {
  const history = await read(parseHistoryQuery(new URL(request.url).searchParams));
  const tag = tagOf(history);
  const headers = { ETag: tag, "Cache-Control": "private, no-store", Vary: "Cookie, Authorization" };
  if (matches(request.headers.get("if-none-match"), tag)) return new Response(null, { status: 304, headers });
  return Response.json(history, { headers });
}

/**
 * Made from the content, so late readings change it. Of a range that lies in the past `until` says nothing, so it is
 * left out and the tag is a weak one.
 */
function tagOf({ until, ...rest }: History): string {
  const content = until >= rest.to ? rest : { until, ...rest };
  return `W/"${createHash("sha256").update(JSON.stringify(content)).digest("base64url").slice(0, 27)}"`;
}

/** RFC 9110, 13.1.2: a list of tags, compared as if they were weak, or `*`. */
function matches(header: string | null, tag: string): boolean {
  if (header?.trim() === "*") return true;
  const plain = (text: string) => text.trim().replace(/^W\//, "");
  return header?.split(",").some((one) => plain(one) === plain(tag)) ?? false;
}
