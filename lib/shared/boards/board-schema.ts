/** What counts as a board, wherever it comes from: a link, a cookie, the browser's storage. */
import { z } from "zod";
import {
  type Board,
  COLUMNS,
  KINDS,
  MAX_HEIGHT,
  MAX_METRICS,
  MAX_NAME,
  MAX_WIDGETS,
  type WidgetKind,
  widgetId,
} from "./board";

const text = (max: number) =>
  z
    .string()
    .max(max)
    .refine((value) => value.trim() === value && value !== "", "not empty, no spaces around it");

const boardName = text(MAX_NAME);

/** How many metrics or columns each kind reads, at least and at most. */
const READS: Readonly<Record<WidgetKind, readonly [number, number]>> = {
  card: [1, 1],
  gauge: [1, 1],
  line: [1, MAX_METRICS],
  area: [1, MAX_METRICS],
  stacked: [1, MAX_METRICS],
  bar: [1, MAX_METRICS],
  table: [0, 0],
  category: [1, 1],
  list: [0, 0],
};

const widgetSchema = z
  .object({
    kind: z.enum(KINDS),
    channel: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/),
    of: z.array(z.string().min(1).max(100)).max(MAX_METRICS),
    title: text(MAX_NAME).optional(),
    x: z.int().min(0),
    w: z.int().min(1),
    h: z.int().min(1).max(MAX_HEIGHT),
  })
  .refine(({ x, w }) => x + w <= COLUMNS, "wider than the board")
  .refine(
    ({ kind, of }) => of.length >= READS[kind][0] && of.length <= READS[kind][1],
    "reads too few or too many",
  );

export const boardSchema: z.ZodType<Board> = z.object({
  name: boardName,
  widgets: z
    .array(widgetSchema)
    .max(MAX_WIDGETS)
    .refine((all) => new Set(all.map(widgetId)).size === all.length, "the same twice"),
});
