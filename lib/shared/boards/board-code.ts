/**
 * A board as a short text: what is in its link, in the browser's storage and in the cookie by which the server knows
 * it. It has only characters that stay as they are in a query and in a cookie: letters, digits and `-._*`.
 *
 *     1*<name>*<widget>*<widget>*<count>     widget: <kind><x><w><h>.<channel>[.<metric or column>…][..<title>]
 *
 * Kind is a letter, the others are digits in base 36. How many widgets there are shows that none was cut off.
 */
import { type Board, KINDS, type Widget, type WidgetKind } from "./board";
import { boardSchema } from "./board-schema";

const VERSION = "1";
/** More than any board needs; the rest of a hostile query is not read. */
const MAX_CODE = 20_000;
const LETTERS: Readonly<Record<WidgetKind, string>> = {
  card: "n",
  gauge: "g",
  line: "l",
  area: "a",
  stacked: "s",
  bar: "b",
  table: "t",
  category: "c",
  list: "f",
};

export function writeBoard({ name, widgets }: Board): string {
  return [VERSION, escaped(name), ...widgets.map(widgetText), widgets.length.toString(36)].join("*");
}

/** The board of a code; `undefined` when it is none, or not a whole one. */
export function readBoard(code: string): Board | undefined {
  if (code.length > MAX_CODE) return undefined;
  const [version, name, ...widgets] = code.split("*");
  const count = widgets.pop();
  if (version !== VERSION || name === undefined || count !== widgets.length.toString(36)) return undefined;
  const board = { name: unescaped(name), widgets: widgets.map(readWidget) };
  return boardSchema.safeParse(board).data;
}

function widgetText({ kind, channel, of, title, x, w, h }: Widget): string {
  const place = [x, w, h].map((value) => value.toString(36)).join("");
  const parts = [channel, ...of, ...(title === undefined ? [] : ["", title])];
  return [LETTERS[kind] + place, ...parts.map(escaped)].join(".");
}

/** Whatever it is: the schema looks at it afterwards. */
function readWidget(text: string): unknown {
  const [head = "", channel, ...rest] = text.split(".");
  const [, letter, x, w, h] = /^([a-z])([0-9a-z])([0-9a-z])([0-9a-z])$/.exec(head) ?? [];
  const end = rest.indexOf("");
  const of = (end < 0 ? rest : rest.slice(0, end)).map(unescaped);
  const title = end < 0 ? undefined : rest[end + 1];
  const number = (digit: string | undefined) =>
    digit === undefined ? undefined : Number.parseInt(digit, 36);
  return {
    kind: KINDS.find((kind) => LETTERS[kind] === letter),
    channel: channel && unescaped(channel),
    of,
    ...(end >= 0 && { title: title === undefined || rest.length > end + 2 ? null : unescaped(title) }),
    ...{ x: number(x), w: number(w), h: number(h) },
  };
}

/** `_` and the character's number in base 36 and `_` again, for all but letters, digits and dashes. */
function escaped(text: string): string {
  return text.replace(/[^A-Za-z0-9-]/gu, (one) => `_${one.codePointAt(0)!.toString(36)}_`);
}

function unescaped(text: string): string {
  return text.replace(/_([0-9a-z]{1,5})_/g, (whole, digits: string) => {
    const point = Number.parseInt(digits, 36);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}
