/** The boards of a browser as a text, for its storage. */
import { z } from "zod";
import { readBoard, writeBoard } from "./board-code";
import { MAX_BOARDS, type Shelf } from "./shelf";

const keptSchema = z.object({
  current: z.string().optional(),
  boards: z.array(z.object({ id: z.string().min(1).max(40), code: z.string() })),
});

/** Reads what `writeShelf` wrote. `isWhole` is false when some of it could not be read and is left out. */
export function readShelf(text: string | null): { shelf: Shelf; isWhole: boolean } {
  if (text === null) return { shelf: { boards: [] }, isWhole: true };
  const kept = keptSchema.safeParse(parsed(text)).data;
  if (!kept) return { shelf: { boards: [] }, isWhole: false };
  const boards = kept.boards.flatMap(({ id, code }) => {
    const board = readBoard(code);
    return board ? [{ ...board, id }] : [];
  });
  return {
    shelf: { boards: boards.slice(0, MAX_BOARDS), current: kept.current },
    isWhole: boards.length === kept.boards.length && boards.length <= MAX_BOARDS,
  };
}

export function writeShelf({ boards, current }: Shelf): string {
  return JSON.stringify({
    current,
    boards: boards.map(({ id, ...board }) => ({ id, code: writeBoard(board) })),
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
