"use client";

import { Check, Pencil, Plus, Share2, Trash2 } from "lucide-react";
import { type ComponentProps, type FocusEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useConnection } from "@/components/live/hooks";
import { PanelButton } from "@/components/ui/panel-button";
import { DEFAULT_NAME, MAX_NAME } from "@/lib/shared/boards/board";
import {
  type KeptBoard,
  renamed,
  type Shelf,
  withBoard,
  withBoardBack,
  withoutBoard,
} from "@/lib/shared/boards/shelf";
import type { ShelfStore } from "./shelf-store";
import { ARRANGE_HINT, type Told } from "./use-arranging";
import type { Seat } from "./use-board";

interface BoardBarProps {
  seat: Seat;
  isEditing: boolean;
  setEditing: (isEditing: boolean) => void;
  /** Opens the catalogue. */
  pick: () => void;
  tell: (told: Told | undefined) => void;
}

const loadShare = () => import("./share-panel");
const SHAPE = "needs-script touch flex h-9 items-center gap-2 rounded-card border px-3 disabled:opacity-60";
const BUTTON = `${SHAPE} border-line bg-surface hover:bg-sunken`;
const MAIN = `${SHAPE} border-accent bg-accent font-medium text-surface hover:opacity-90`;

/** Which of the own boards is shown, and what can be done with it. */
export function BoardBar({ seat, isEditing, setEditing, pick, tell }: BoardBarProps) {
  const { mode, board, store, reading } = seat;
  const isLive = useConnection().status === "live";
  const isOwn = mode === "own";
  if (!board) return null;
  const edit = (next: boolean) => {
    setEditing(next);
    tell(undefined);
  };
  return (
    <section aria-label="Board" className="kiosk:hidden flex flex-wrap items-center gap-2">
      {isOwn && store && isEditing ? (
        <Editing {...{ board, store, pick, tell, setEditing }} />
      ) : (
        <Choice shelf={reading?.shelf} current={isOwn ? board : undefined} store={store} tell={tell} />
      )}
      <div className="ml-auto flex gap-2">
        {!isEditing && (
          <PanelButton
            load={loadShare}
            mayLoad={isLive}
            panel={{ code: reading?.code }}
            label="Share this board"
            className="needs-script border border-line bg-surface px-3"
          >
            <Share2 aria-hidden className="size-4 text-soft" />
            Share
          </PanelButton>
        )}
        <button
          type="button"
          disabled={!isOwn}
          onClick={() => edit(!isEditing)}
          className={isEditing ? MAIN : BUTTON}
        >
          {isEditing ? (
            <Check aria-hidden className="size-4" />
          ) : (
            <Pencil aria-hidden className="size-4 text-soft" />
          )}
          {isEditing ? "Done" : "Edit"}
        </button>
      </div>
      {isEditing && (
        <p id={ARRANGE_HINT} className="basis-full text-soft text-xs max-xl:hidden">
          Drag a widget to move it and its corner to resize it, or use the arrow keys on its buttons. Changes
          are kept at once.
        </p>
      )}
    </section>
  );
}

/** The name of a board that is not the only one, to choose another one. */
function Choice(props: {
  shelf: Shelf | undefined;
  current: KeptBoard | undefined;
  store: ShelfStore | undefined;
  tell: BoardBarProps["tell"];
}) {
  const { shelf, current, store, tell } = props;
  if (!shelf || !current || shelf.boards.length < 2) return null;
  return (
    <select
      aria-label="Board"
      value={current.id}
      onChange={({ target }) => {
        store?.change((shelf) => ({ ...shelf, current: target.value }));
        tell(undefined);
      }}
      className={`${BUTTON} min-w-0 max-w-64 font-medium`}
    >
      {shelf.boards.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
}

function Editing(props: Omit<BoardBarProps, "seat" | "isEditing"> & { board: KeptBoard; store: ShelfStore }) {
  const { board, store, pick, tell, setEditing } = props;
  const [newest, setNewest] = useState<string>();
  const create = () => {
    const empty = { name: DEFAULT_NAME, widgets: [] };
    const id = store.newId();
    const refusal = store.change((shelf) => withBoard(shelf, empty, id));
    setNewest(id);
    tell({ text: refusal ?? "A new board. Give it a name, and pick widgets for it." });
  };
  const remove = () => {
    const at = store.read().shelf.boards.findIndex(({ id }) => id === board.id);
    store.change((shelf) => withoutBoard(shelf, board.id));
    if (store.read().shelf.boards.length === 0) setEditing(false);
    const undo = () => {
      const refusal = store.change((shelf) => withBoardBack(shelf, board, at));
      tell({ text: refusal ?? `“${board.name}” is back.` });
    };
    tell({ text: `“${board.name}” was deleted.`, undo });
  };
  return (
    <>
      <NameField
        key={board.id}
        board={board}
        isNew={board.id === newest}
        rename={(name) => store.change((shelf) => renamed(shelf, board.id, name))}
      />
      <Tool onClick={pick} className={BUTTON}>
        <Plus aria-hidden className="size-4 text-soft" />
        Add widgets
      </Tool>
      <Tool onClick={create} className={BUTTON}>
        New board
      </Tool>
      <Tool onClick={remove} aria-label={`Delete the board ${board.name}`} className={BUTTON}>
        <Trash2 aria-hidden className="size-4 text-soft" />
        Delete
      </Tool>
    </>
  );
}

function Tool(props: ComponentProps<"button">) {
  return <button type="button" {...props} />;
}

function NameField(props: { board: KeptBoard; isNew: boolean; rename: (name: string) => void }) {
  const { board, isNew, rename } = props;
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isNew) input.current?.select();
  }, [isNew]);
  useEffect(() => {
    if (input.current && document.activeElement !== input.current) input.current.value = board.name;
  }, [board.name]);
  const finish = ({ currentTarget }: FocusEvent<HTMLInputElement>) => {
    // A board without a name keeps the one it had.
    if (currentTarget.value.trim() === "") currentTarget.value = board.name;
  };
  return (
    <label className="touch flex h-9 min-w-40 flex-1 items-center rounded-card border border-line bg-surface px-3 focus-within:outline-2 focus-within:outline-accent sm:max-w-64">
      <span className="sr-only">Name of the board</span>
      <input
        ref={input}
        defaultValue={board.name}
        maxLength={MAX_NAME}
        onChange={({ target }) => rename(target.value)}
        onBlur={finish}
        onKeyDown={({ key, currentTarget }: KeyboardEvent<HTMLInputElement>) => {
          if (key === "Enter") currentTarget.blur();
        }}
        className="w-full min-w-0 bg-transparent font-medium outline-none"
      />
    </label>
  );
}
