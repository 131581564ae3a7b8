import type { Answer } from "./ops-words";

/** A node answers within two seconds, or its silence is reported then. */
const LIMIT_MS = 5000;

/** Asks the server for what an operator wants. Never rejects. */
export async function post(path: string): Promise<Answer> {
  try {
    const response = await fetch(path, {
      method: "POST",
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    if (response.status === 202) return "done";
    const problem: { code?: unknown; title?: unknown } = await response.json();
    return { code: String(problem.code), title: String(problem.title ?? `error ${response.status}`) };
  } catch {
    return "no-answer";
  }
}
