import { createHash } from "node:crypto";

/**
 * A JSON answer with a tag made from its content, or 304 when what `If-None-Match` names is still what would be
 * answered. `content` is what the tag is made from, when that is not all of `body`.
 */
export function taggedJson(request: Request, body: unknown, content = body): Response {
  const hash = createHash("sha256").update(JSON.stringify(content)).digest("base64url").slice(0, 27);
  const tag = `W/"${hash}"`;
  const headers = { ETag: tag, "Cache-Control": "private, no-store", Vary: "Cookie, Authorization" };
  if (matches(request.headers.get("if-none-match"), tag)) return new Response(null, { status: 304, headers });
  return Response.json(body, { headers });
}

/** RFC 9110, 13.1.2: a list of tags, compared as if they were weak, or `*`. */
function matches(header: string | null, tag: string): boolean {
  if (header?.trim() === "*") return true;
  const plain = (text: string) => text.trim().replace(/^W\//, "");
  return header?.split(",").some((one) => plain(one) === plain(tag)) ?? false;
}
