/** The boards that a browser keeps, and what can be done to them. Pure; whoever stores them gives ids. */
import { type Board, DEFAULT_NAME, MAX_NAME, MAX_WIDGETS, type Pick, type Widget, widgetId } from "./board";
import { added } from "./layout";

export const MAX_BOARDS = 12;

export interface KeptBoard extends Board {
  id: string;
}

export interface Shelf {
  boards: readonly KeptBoard[];
  /** The id of the one that is shown; of one that is there, unless there is none. */
  current?: string;
}

/** Why something could not be done, as people are told. */
export type Refusal = "The board is full." | "There are as many boards as are kept." | "It is on the board.";

export function currentBoard({ boards, current }: Shelf): KeptBoard | undefined {
  return boards.find(({ id }) => id === current) ?? boards[0];
}

/** Adds a board and shows it. Its name gets a number when another one has it. */
export function withBoard(shelf: Shelf, board: Board, id: string): Shelf | Refusal {
  if (shelf.boards.length >= MAX_BOARDS) return "There are as many boards as are kept.";
  const name = freeName(
    board.name,
    shelf.boards.map((one) => one.name),
  );
  return { boards: [...shelf.boards, { ...board, name, id }], current: id };
}

function freeName(wanted: string, taken: readonly string[]): string {
  for (let n = 1; ; n++) {
    const end = n === 1 ? "" : ` ${n}`;
    const name = wanted.slice(0, MAX_NAME - end.length).trim() + end;
    if (!taken.includes(name)) return name;
  }
}

/** Takes a board away and shows the one beside it. */
export function withoutBoard({ boards, current }: Shelf, id: string): Shelf {
  const at = boards.findIndex((board) => board.id === id);
  const left = boards.filter((board) => board.id !== id);
  return { boards: left, current: current === id ? left[Math.min(at, left.length - 1)]?.id : current };
}

/** Puts a board back where it was, and shows it. */
export function withBoardBack({ boards, ...shelf }: Shelf, board: KeptBoard, at: number): Shelf | Refusal {
  if (boards.some(({ id }) => id === board.id)) return { ...shelf, boards };
  if (boards.length >= MAX_BOARDS) return "There are as many boards as are kept.";
  return { boards: boards.toSpliced(at, 0, board), current: board.id };
}

/** The shelf with a name for one of its boards; the same one for a name that cannot be one. */
export function renamed(shelf: Shelf, id: string, wanted: string): Shelf {
  const name = wanted.trim().slice(0, MAX_NAME).trim();
  if (name === "") return shelf;
  return changed(shelf, id, (board) => ({ ...board, name }));
}

/** The shelf with the widgets that `change` makes of a board's. */
export function withWidgets(
  shelf: Shelf,
  id: string,
  change: (widgets: readonly Widget[]) => readonly Widget[],
): Shelf {
  return changed(shelf, id, (board) => ({ ...board, widgets: [...change(board.widgets)] }));
}

function changed(shelf: Shelf, id: string, change: (board: KeptBoard) => KeptBoard): Shelf {
  return { ...shelf, boards: shelf.boards.map((board) => (board.id === id ? change(board) : board)) };
}

/** Adds a widget to the board that is shown; where there is none yet, one called `id` is made. */
export function withPick(shelf: Shelf, pick: Pick, id: string): Shelf | Refusal {
  const board = currentBoard(shelf);
  if (!board) return withBoard(shelf, { name: DEFAULT_NAME, widgets: added([], pick) }, id);
  if (board.widgets.some((widget) => widgetId(widget) === widgetId(pick))) return "It is on the board.";
  if (board.widgets.length >= MAX_WIDGETS) return "The board is full.";
  return withWidgets(shelf, board.id, (widgets) => added(widgets, pick));
}
