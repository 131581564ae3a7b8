import fc from "fast-check";
import {
  type Board,
  COLUMNS,
  KINDS,
  MAX_HEIGHT,
  MAX_NAME,
  MAX_WIDGETS,
  SIZES,
  type Widget,
  widgetId,
} from "@/lib/shared/boards/board";
import { boardSchema } from "@/lib/shared/boards/board-schema";

const name = fc
  .string({ minLength: 1, maxLength: MAX_NAME, unit: "grapheme" })
  .map((text) => text.slice(0, MAX_NAME).trim())
  // Half of a pair is no character.
  .filter((text) => text !== "" && !/\p{Cs}/u.test(text));

const channel = fc.stringMatching(/^[a-z][a-z0-9-]{0,30}$/);
const part = fc.oneof(fc.stringMatching(/^[a-z][A-Za-z0-9]{0,15}$/), name);

const widget: fc.Arbitrary<Widget> = fc.constantFrom(...KINDS).chain((kind) => {
  const { minW, minH } = SIZES[kind];
  const least = kind === "table" || kind === "list" ? 0 : 1;
  const most = ["line", "area", "stacked", "bar"].includes(kind) ? 7 : least;
  return fc.integer({ min: minW, max: COLUMNS }).chain((w) =>
    fc.record(
      {
        kind: fc.constant(kind),
        channel,
        of: fc.array(part, { minLength: least, maxLength: most }),
        title: name,
        x: fc.integer({ min: 0, max: COLUMNS - w }),
        w: fc.constant(w),
        h: fc.integer({ min: minH, max: MAX_HEIGHT }),
      },
      { requiredKeys: ["kind", "channel", "of", "x", "w", "h"] },
    ),
  );
});

export function widgetLists(minLength = 0): fc.Arbitrary<Widget[]> {
  return fc.uniqueArray(widget, { minLength, maxLength: MAX_WIDGETS, selector: widgetId });
}

export const boards: fc.Arbitrary<Board> = fc
  .record({ name, widgets: widgetLists() })
  .filter((board) => boardSchema.safeParse(board).success);
