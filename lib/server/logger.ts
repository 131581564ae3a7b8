import pino from "pino";
import { currentVisit } from "./http/visit";

export type Logger = pino.Logger;

/**
 * Structured logs, on standard output by default. A line that is written while a request is being worked on has
 * its id. Of errors only what is named here is written: what libraries attach to theirs (requests with their
 * headers, commands, addresses with passwords) may be secret.
 */
export function createLogger(
  level = process.env.LOG_LEVEL || "info",
  stream: pino.DestinationStream = pino.destination(1),
): Logger {
  const mixin = () => {
    const visit = currentVisit();
    return visit ? { requestId: visit.id } : {};
  };
  return pino({ level, mixin, serializers: { err: (error) => describeError(error) } }, stream);
}

/** How many causes of causes are followed. */
const MAX_CAUSES = 4;

function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { message: `something other than an error: ${typeof error}` };
  const { name, message, stack, cause } = error;
  const { code } = error as { code?: unknown };
  return {
    name,
    message,
    ...(typeof code === "string" && { code }),
    stack,
    ...(cause !== undefined && depth < MAX_CAUSES && { cause: describeError(cause, depth + 1) }),
  };
}
