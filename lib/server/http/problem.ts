import { type Problem, toProblem } from "@/lib/shared/codes";

/** What a client is asked to wait when nobody knows better, s. */
const RETRY_AFTER_S = 2;

/** The problem document for anything thrown, with how long to wait where a wait helps. */
export function problemOf(error: unknown): Problem {
  const problem = toProblem(error);
  const retryAfter = problem.retryAfter ?? defaultWait(problem);
  return retryAfter === undefined ? problem : { ...problem, retryAfter };
}

/** The `application/problem+json` answer for anything thrown (T6). */
export function problemResponse(error: unknown, more: Record<string, string> = {}): Response {
  const problem = problemOf(error);
  const headers: Record<string, string> = {
    "Content-Type": "application/problem+json",
    "Cache-Control": "no-store",
    ...more,
  };
  // RFC 9110, 15.5.2: "The server generating a 401 response MUST send a WWW-Authenticate header field".
  if (problem.status === 401) headers["WWW-Authenticate"] = "Bearer";
  if (problem.retryAfter !== undefined) headers["Retry-After"] = String(problem.retryAfter);
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}

/** Another server need not be waited for when this one stops. */
function defaultWait({ status, code }: Problem): number | undefined {
  return status === 503 && code !== "stopping" ? RETRY_AFTER_S : undefined;
}
