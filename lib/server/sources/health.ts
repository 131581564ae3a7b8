/** How a source is, as users see it. Times in ms since 1970. */
export interface SourceHealth {
  /** The channel that it fills; it names the source. */
  channel: string;
  title: string;
  /** As people call it: "PostgreSQL". */
  kind: string;
  /** What it reads and where, without secrets. */
  target: string;
  /** `off`: it lacks a setting. */
  state: "off" | "starting" | "works" | "fails";
  lastSuccess: number | null;
  lastTry: number | null;
  /** In a row. */
  failures: number;
  /** Why it fails or is off. */
  reason: string | null;
  /** When it is tried again, while it fails. */
  nextTry: number | null;
  /** How old the newest reading was when it was stored, ms, where the source says when it was made. */
  lagMs: number | null;
  /** How many messages still wait at the broker, where it tells. */
  waiting: number | null;
  /** Since this node began to run it. */
  readings: number;
  /** What the channel cannot take, and why the last of them. */
  rejected: number;
  lastRejection: string | null;
  /** What a policy left out. */
  dropped: number;
}

/** What is known of a source before it has done anything. */
export function unknownHealth(
  source: Pick<SourceHealth, "channel" | "title" | "kind" | "target">,
): SourceHealth {
  const { channel, title, kind, target } = source;
  return {
    ...{ channel, title, kind, target },
    state: "starting",
    lastSuccess: null,
    lastTry: null,
    failures: 0,
    reason: null,
    nextTry: null,
    lagMs: null,
    waiting: null,
    readings: 0,
    rejected: 0,
    lastRejection: null,
    dropped: 0,
  };
}
