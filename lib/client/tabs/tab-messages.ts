import type { Cursor } from "@/lib/shared/cursor";
import type { Frame, Subscribe } from "@/lib/shared/protocol";
import type { Failure, Rung } from "../ladder-state";

/** Random, and new each time that a page comes to life. */
export type TabId = string;

/** What a frame is to a tab. */
export interface Target {
  /** The tab's own subscription that it answers. */
  sub: number;
  /** The tab has nothing that the frame follows on: it takes the snapshot in it. */
  whole?: true;
}

/** What the tabs of a browser tell each other (C5). Each reaches all other tabs. */
export type TabMessage =
  /** This tab has the connections from now on: join it. */
  | { kind: "lead"; from: TabId }
  /** This tab has none any more. */
  | { kind: "unled"; from: TabId }
  /** This tab is visible and would lead. */
  | { kind: "want"; from: TabId }
  /** Opens a rung, or says that its subscription changed. */
  | { kind: "join"; from: TabId; rung: Rung; n: number; subscribe: Subscribe; pollMs: number }
  | { kind: "leave"; from: TabId; rung: Rung; n: number }
  | { kind: "joined"; to: TabId; rung: Rung; n: number }
  | { kind: "frame"; rung: Rung; to: Record<TabId, Target>; frame: Frame; asked?: Cursor }
  | { kind: "alive"; rung: Rung; to: Record<TabId, number>; date?: number }
  | { kind: "failed"; rung: Rung; to: Record<TabId, number>; failure: Failure };

/** The other tabs, and who of them leads. */
export interface TabLink {
  readonly id: TabId;
  send(message: TabMessage): void;
  /** Waits until this tab may lead: one at a time does. Returns the way to withdraw, or to give it up. */
  lead(granted: () => void): () => void;
  /** Calls back once when the tab is gone, however it went. Returns the way to stop. */
  watch(tab: TabId, gone: () => void): () => void;
  close(): void;
}

/** Joins the other tabs. `undefined` where a browser cannot (without HTTPS, but for this machine). */
export type OpenTabLink = (listener: (message: TabMessage) => void) => TabLink | undefined;
