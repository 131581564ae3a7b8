import type { Logger } from "../logger";
import { TokenBuckets } from "./token-buckets";
import type { Visit } from "./visit";

/** So many lines at once, and each second: a flood of refusals is not to become one of lines. */
const LINES = { burst: 500, perSecond: 50 };

export interface Answered {
  method: string;
  /** As sent; what follows a question mark is not written down. */
  target: string;
  status: number;
  durationMs: number;
}

/**
 * One line for each request that was refused, with a code that says why, or failed (5xx); those that were served are seen at level
 * `debug` alone. Queries, headers and bodies are never written: they may hold secrets.
 */
export function createRequestLog(logger: Logger) {
  const lines = new TokenBuckets({ ...LINES, maxKeys: 1 });
  let leftOut = 0;

  return ({ id, address, code, at }: Visit, answered: Answered): void => {
    const { method, target, status, durationMs } = answered;
    const isFine = status < 400;
    if (isFine && !logger.isLevelEnabled("debug")) return;
    if (!isFine && lines.take("", at + durationMs) > 0) {
      leftOut += 1;
      return;
    }
    const line = {
      requestId: id,
      method,
      path: target.split("?", 1)[0]!.slice(0, 200),
      status,
      ...(code && { code }),
      durationMs: Math.round(durationMs * 10) / 10,
      address,
      ...(!isFine && leftOut > 0 && { leftOut }),
    };
    if (isFine) logger.debug(line, "a request was served");
    else {
      leftOut = 0;
      const isRefused = status < 500 || (code !== undefined && code !== "internal");
      if (isRefused) logger.info(line, "a request was refused");
      else logger.error(line, "a request failed");
    }
  };
}
