/**
 * Server-sent events, written from the WHATWG HTML standard, section 9.2.5 to 9.2.6.
 */

export interface SseEvent {
  event: string;
  id?: string;
  data: string;
}

/**
 * One event as text. "If the line is empty (a blank line): dispatch the event", so it ends with two line
 * feeds. `data` may span lines: a CR, LF or CRLF in it would end the field, so each line gets its own
 * `data:`, and the reader joins them with LF.
 */
export function encodeEvent({ event, id, data }: SseEvent): string {
  const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
  return `event: ${event}\n${id === undefined ? "" : `id: ${id}\n`}${lines.join("")}\n`;
}

/** "If the field value consists of only ASCII digits … set the event stream's reconnection time" (ms). */
export function encodeRetry(ms: number): string {
  return `retry: ${Math.round(ms)}\n\n`;
}
