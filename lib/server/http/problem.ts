import { toProblem } from "@/lib/shared/codes";

/** The `application/problem+json` answer for anything thrown (T6). */
export function problemResponse(error: unknown): Response {
  const problem = toProblem(error);
  const headers: Record<string, string> = {
    "Content-Type": "application/problem+json",
    "Cache-Control": "no-store",
  };
  if (problem.retryAfter !== undefined) headers["Retry-After"] = String(problem.retryAfter);
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}
