import { BOARD_COOKIE, type Board } from "@/lib/shared/boards/board";
import { writeBoard } from "@/lib/shared/boards/board-code";
import { currentBoard, type KeptBoard, type Refusal, type Shelf, withBoard } from "@/lib/shared/boards/shelf";
import { readShelf, writeShelf } from "@/lib/shared/boards/shelf-text";

const KEY = "nowboard.boards";
/** What could not be read is put aside under this name before it would be written over. */
const UNREADABLE_KEY = "nowboard.boards.unreadable";
const A_YEAR_S = 365 * 24 * 60 * 60;
/** Browsers refuse a cookie of more than 4096 bytes, its name and attributes included. */
const MAX_COOKIE = 3800;

/** What a browser has of boards. */
export interface ShelfReading {
  shelf: Shelf;
  current: KeptBoard | undefined;
  /** The current one's. */
  code: string | undefined;
  /** Why what is shown may not be there the next time, in words. */
  problem?: string;
}

const BLOCKED = "This browser keeps nothing for this page. Copy the link to keep the board.";
const FULL =
  "This browser has no room left: the last change is lost with this page. Copy the link to keep it.";
const UNREADABLE = "Some of what this browser had kept could not be read. It is put aside, not deleted.";

const listeners = new Set<() => void>();
/** What was read last, and the text that it was. */
let known: { text: string | null; reading: ShelfReading } | undefined;
/** Holds what could not be stored. */
let unsaved: ShelfReading | undefined;

function readingOf(shelf: Shelf, problem?: string): ShelfReading {
  const current = currentBoard(shelf);
  return { shelf, current, code: current && writeBoard(current), ...(problem && { problem }) };
}

/** The boards of this browser, as its other tabs left them. The same object while nothing changed. */
function read(): ShelfReading {
  if (unsaved) return unsaved;
  let text: string | null;
  try {
    text = localStorage.getItem(KEY);
  } catch {
    unsaved = readingOf({ boards: [] }, BLOCKED);
    return unsaved;
  }
  if (!known || known.text !== text) {
    const { shelf, isWhole } = readShelf(text);
    known = { text, reading: readingOf(shelf, isWhole ? undefined : UNREADABLE) };
  }
  return known.reading;
}

/**
 * Changes what is stored now, which another tab may have written since this one looked. Returns why it could not be
 * done, in words.
 */
function change(of: (shelf: Shelf) => Shelf | Refusal): Refusal | undefined {
  const { shelf, problem } = read();
  const next = of(shelf);
  if (typeof next === "string") return next;
  try {
    if (problem === UNREADABLE) localStorage.setItem(UNREADABLE_KEY, localStorage.getItem(KEY) ?? "");
    localStorage.setItem(KEY, writeShelf(next));
    unsaved = undefined;
  } catch {
    unsaved = readingOf(next, problem === BLOCKED ? BLOCKED : FULL);
  }
  tellServer();
  for (const listener of listeners) listener();
  return undefined;
}

/** Keeps a board as this browser's own, and shows it. */
function adopt(board: Board): Refusal | undefined {
  return change((shelf) => withBoard(shelf, board, newId()));
}

function subscribe(listener: () => void): () => void {
  const hear = ({ key }: StorageEvent) => {
    if (key !== null && key !== KEY) return;
    tellServer();
    listener();
  };
  listeners.add(listener);
  addEventListener("storage", hear);
  return () => {
    listeners.delete(listener);
    removeEventListener("storage", hear);
  };
}

/**
 * Puts the current board into the cookie by which `/board` is rendered, numbers and all. `false` when that is not to
 * be had, as far as this page can see: then the board has to be in the URL.
 */
function tellServer(): boolean {
  const { code } = read();
  const fits = code !== undefined && code.length <= MAX_COOKIE;
  const age = fits ? A_YEAR_S : 0;
  try {
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser yet.
    document.cookie = `${BOARD_COOKIE}=${fits ? code : ""}; path=/board; max-age=${age}; samesite=lax`;
    return fits && location.pathname === "/board" && document.cookie.includes(`${BOARD_COOKIE}=${code}`);
  } catch {
    // A page in a closed frame has neither storage nor cookies.
    return false;
  }
}

/** For `Shelf`s: works without HTTPS too. */
function newId(): string {
  return crypto.getRandomValues(new Uint32Array(2)).join("-");
}

/** This browser's boards: in its storage for all tabs, where it has none only in this page. */
const shelfStore = { read, change, adopt, subscribe, tellServer, newId };
export type ShelfStore = typeof shelfStore;
export default shelfStore;
