import pino from "pino";
import { currentVisit } from "./http/visit";

export type Logger = pino.Logger;

/**
 * Structured logs, on standard output by default. A line that is written while a request is being worked on has
 * its id. Headers that carry secrets are never written.
 */
export function createLogger(
  level = process.env.LOG_LEVEL || "info",
  stream: pino.DestinationStream = pino.destination(1),
): Logger {
  const mixin = () => {
    const visit = currentVisit();
    return visit ? { requestId: visit.id } : {};
  };
  return pino({ level, mixin, redact: ["*.headers.authorization", "*.headers.cookie"] }, stream);
}
