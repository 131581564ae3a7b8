import pino from "pino";

export type Logger = pino.Logger;

/** Structured logs on standard output. Headers that carry secrets are never written. */
export function createLogger(level = process.env.LOG_LEVEL || "info"): Logger {
  return pino({ level, redact: ["*.headers.authorization", "*.headers.cookie"] });
}
