import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ShelfStore } from "@/components/boards/shelf-store";
import type { Pick } from "@/lib/shared/boards/board";
import { writeBoard } from "@/lib/shared/boards/board-code";
import { added } from "@/lib/shared/boards/layout";
import { renamed, type Shelf, withPick } from "@/lib/shared/boards/shelf";
import { readShelf, writeShelf } from "@/lib/shared/boards/shelf-text";

const KEY = "nowboard.boards";
const pick = (name: string): Pick => ({ kind: "card", channel: "business", of: [name] });
const shelf: Shelf = {
  boards: [{ id: "a", name: "Shop", widgets: added([], pick("revenue")) }],
  current: "a",
};

/** A browser's storage, cookie and events, as one tab has them. */
function browser({ path = "/board", isBlocked = false, takesCookies = true } = {}) {
  const items = new Map<string, string>();
  const listeners = new Set<(event: { key: string | null }) => void>();
  const state = {
    isFull: false,
    cookie: "",
    items,
    tell: (key: string) => {
      for (const on of listeners) on({ key });
    },
  };
  const storage = {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => {
      if (state.isFull) throw new DOMException("full", "QuotaExceededError");
      items.set(key, value);
    },
  };
  vi.stubGlobal("addEventListener", (_: string, on: () => void) => listeners.add(on));
  vi.stubGlobal("removeEventListener", (_: string, on: () => void) => listeners.delete(on));
  vi.stubGlobal("location", { pathname: path });
  vi.stubGlobal("document", {
    get cookie() {
      return state.cookie;
    },
    set cookie(text: string) {
      const [pair] = text.split(";");
      if (takesCookies) state.cookie = text.includes("max-age=0") ? "" : pair!;
    },
  });
  if (!isBlocked) vi.stubGlobal("localStorage", storage);
  return state;
}

/** The store of a page that was just loaded. */
async function open(): Promise<ShelfStore> {
  vi.resetModules();
  return (await import("@/components/boards/shelf-store")).default;
}

beforeEach(() => vi.unstubAllGlobals());

describe("a browser's boards", () => {
  it("are stored with each change, and put into the cookie", async () => {
    const { items } = browser();
    const store = await open();
    expect(store.read().current).toBeUndefined();
    expect(store.change((all) => withPick(all, pick("revenue"), "a"))).toBeUndefined();
    const code = store.read().code!;
    expect(readShelf(items.get(KEY)!).shelf.boards).toHaveLength(1);
    expect(store.tellServer()).toBe(true);
    expect(document.cookie).toBe(`nowboard-board=${code}`);
    // The next page has them.
    expect((await open()).read().code).toBe(code);
  });

  it("are read again when another tab has changed them, and then changed as they are now", async () => {
    const { items, tell } = browser();
    items.set(KEY, writeShelf(shelf));
    const store = await open();
    const heard = vi.fn();
    const stop = store.subscribe(heard);
    const first = store.read();
    expect(store.read()).toBe(first);
    items.set(KEY, writeShelf(renamed(shelf, "a", "Theirs")));
    tell("something else");
    expect(heard).not.toHaveBeenCalled();
    tell(KEY);
    expect(heard).toHaveBeenCalledOnce();
    store.change((all) => withPick(all, pick("orders"), "b"));
    expect(store.read().current).toMatchObject({ name: "Theirs" });
    expect(store.read().current!.widgets).toHaveLength(2);
    stop();
    tell(KEY);
    expect(heard).toHaveBeenCalledTimes(2);
  });

  it("are in this page only when the storage is blocked, and that is said", async () => {
    browser({ isBlocked: true });
    const store = await open();
    expect(store.read().problem).toContain("keeps nothing");
    store.change((all) => withPick(all, pick("revenue"), "a"));
    expect(store.read().current!.widgets).toHaveLength(1);
    expect(store.read().problem).toContain("keeps nothing");
  });

  it("lose no change of this page when the storage is full, and are stored once there is room", async () => {
    const state = browser();
    state.items.set(KEY, writeShelf(shelf));
    const store = await open();
    state.isFull = true;
    store.change((all) => renamed(all, "a", "New"));
    expect(store.read()).toMatchObject({ current: { name: "New" } });
    expect(store.read().problem).toContain("no room");
    state.isFull = false;
    store.change((all) => withPick(all, pick("orders"), "b"));
    expect(store.read().problem).toBeUndefined();
    expect(readShelf(state.items.get(KEY)!).shelf.boards[0]).toMatchObject({ name: "New" });
  });

  it("that cannot be read are put aside before they are written over", async () => {
    const { items } = browser();
    items.set(KEY, '{"boards":[{"id":"x","code":"?"}]}');
    const store = await open();
    expect(store.read().problem).toContain("could not be read");
    expect(items.has("nowboard.boards.unreadable")).toBe(false);
    store.adopt({ name: "Kept", widgets: [] });
    expect(items.get("nowboard.boards.unreadable")).toBe('{"boards":[{"id":"x","code":"?"}]}');
    expect(store.read()).toMatchObject({ current: { name: "Kept" } });
    expect(store.read().problem).toBeUndefined();
  });

  it("do not fit a cookie that is too large, or is refused: then the link has to do", async () => {
    const { items } = browser();
    const widgets = Array.from({ length: 20 }, (_, i) => pick("長".repeat(40) + i)).reduce(added, []);
    const long = { id: "a", name: "Long", widgets };
    expect(writeBoard(long).length).toBeGreaterThan(3800);
    items.set(KEY, writeShelf({ boards: [long], current: "a" }));
    expect((await open()).tellServer()).toBe(false);
    expect(document.cookie).toBe("");

    browser({ takesCookies: false }).items.set(KEY, writeShelf(shelf));
    expect((await open()).tellServer()).toBe(false);
  });

  it("say why a change is refused, and stay as they were", async () => {
    const { items } = browser();
    items.set(KEY, writeShelf(shelf));
    const store = await open();
    expect(store.change((all) => withPick(all, pick("revenue"), "b"))).toBe("It is on the board.");
    expect(items.get(KEY)).toBe(writeShelf(shelf));
  });
});
