import {
  ANNOTATIONS,
  type Annotation,
  type AnnotationList,
  annotationChange,
  mergeAnnotations,
  type PageAnnotations,
} from "@/lib/shared/annotations";
import type { FeedItem } from "@/lib/shared/state";
import { spanAt, type TimeRange } from "@/lib/shared/time-range";
import type { ChartSource } from "./chart-source";
import type { LiveClient } from "./live-client";

/** The server's clock may be a little ahead of what is known of it, ms. */
const AHEAD_MS = 60_000;
/** A page that is open for weeks keeps no more than so many. */
const MAX_KNOWN = 1000;

/** What it needs of the client. */
export interface AnnotationSource extends Pick<LiveClient, "channel" | "subscribe" | "serverNow"> {
  charts: Pick<ChartSource, "load">;
}

/**
 * The annotations of a page's time range, for all its charts: what the archive answers, asked once, and what the feed
 * says since.
 */
export class AnnotationData {
  private shown: readonly Annotation[];
  private isWhole: boolean;
  /** The newest item that was taken in. */
  private newest: string | undefined;
  private users = 0;
  private stop = () => {};
  private readonly listeners = new Set<() => void>();

  /** `now` (ms) is the server's, for when the client does not know it. */
  constructor(
    private readonly source: AnnotationSource,
    private readonly range: TimeRange,
    private readonly now: number,
    { annotations, isWhole }: PageAnnotations = { annotations: [], isWhole: false },
  ) {
    this.shown = annotations;
    this.isWhole = isWhole;
    this.followFeed();
  }

  /** Oldest first; some may lie outside the range. The same list until the listeners are told. */
  readonly view = (): readonly Annotation[] => this.shown;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Follows the client until all who called this have called what it returns. */
  use(): () => void {
    this.users += 1;
    if (this.users === 1) this.start();
    return () => {
      this.users -= 1;
      if (this.users === 0) this.stop();
    };
  }

  private start(): void {
    let cancelLoad = this.isWhole ? () => {} : this.load();
    const unsubscribe = this.source.subscribe(ANNOTATIONS, () => {
      if (this.followFeed()) return;
      // More came at once than the feed holds: some of them were never seen.
      cancelLoad();
      cancelLoad = this.load();
    });
    this.followFeed();
    this.stop = () => {
      cancelLoad();
      unsubscribe();
      // What came meanwhile may be more than the feed holds.
      this.isWhole = false;
    };
  }

  private load(): () => void {
    return this.source.charts.load<AnnotationList>(
      (get, signal) => get(this.url(), signal, "annotations", isList),
      {
        loaded: ({ annotations }) => this.show(annotations),
        // The charts, whose past is in the same archive, say so.
        failed: () => {},
      },
    );
  }

  private url(): string {
    const now = this.source.serverNow() ?? this.now;
    const { from, to } = spanAt(this.range, now);
    const end = Math.min(this.range.fixed ? to : Number.POSITIVE_INFINITY, now + AHEAD_MS);
    return `/api/annotations?from=${Math.floor(Math.min(from, end - 1))}&to=${Math.ceil(end)}`;
  }

  private items(): readonly FeedItem[] {
    const state = this.source.channel(ANNOTATIONS);
    return state?.kind === "feed" ? state.items : [];
  }

  /** False when what was known last is not among what the feed holds. */
  private followFeed(): boolean {
    const items = this.items();
    const isWhole = this.newest === undefined || items.some(({ key }) => key === this.newest);
    if (items.at(-1)?.key === this.newest) return true;
    this.newest = items.at(-1)?.key;
    this.show(this.shown);
    return isWhole;
  }

  private show(known: readonly Annotation[]): void {
    this.shown = mergeAnnotations(known, annotationChange(this.items())).slice(-MAX_KNOWN);
    for (const listener of [...this.listeners]) listener();
  }
}

/** As much as is relied on. */
function isList(body: unknown): body is AnnotationList {
  return Array.isArray((body as Partial<AnnotationList> | undefined)?.annotations);
}
