import type { Cell } from "@/lib/shared/define-channel";

/** The shell line that posts an example to a channel. The JSON is quoted for a POSIX shell. */
export function curlLine(origin: string, channel: string, example: Record<string, Cell>): string {
  const json = JSON.stringify(example).replaceAll("'", "'\\''");
  return `curl ${origin}/api/ingest/${channel} -H 'content-type: application/json' -d '${json}'`;
}
