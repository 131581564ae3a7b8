import type { Transaction } from "kysely";
import { type Annotation, type AnnotationKind, annotationChangeOf } from "@/lib/shared/annotations";
import type { Update } from "@/lib/shared/state";
import type { Span } from "@/lib/shared/time-range";
import type { Database, Tables } from "./schema";
import { keptFrom, type Retention, WIDTHS } from "./tiers";

type Row = Tables["history_annotation"];

/** Rows of one statement, far below what a database takes. */
const GROUP_ROWS = 200;
/** One statement drops at most so many rows, so that nothing waits long behind it. */
const DROP_ROWS = 500;

/** Postgres has no place for this character in a text, and a batch must never be refused for it. */
const NO_TEXT = "\u0000";

/** From when on (ms) annotations are kept: as long as the coarsest tier. */
function annotationsFrom(retention: Retention, now: number): number {
  return keptFrom(retention, WIDTHS.at(-1)!, now);
}

/** Stores what updates say of annotations, each once, and takes away what they take back. */
export async function saveAnnotations(
  tx: Transaction<Tables>,
  updates: readonly Update[],
  { retention, now }: { retention: Retention; now: number },
): Promise<void> {
  const { added, removed } = annotationChangeOf(updates);
  const oldest = annotationsFrom(retention, now);
  const rows = [...added.values()].map(toRow).filter((row) => row.end_at >= oldest);
  for (let i = 0; i < rows.length; i += GROUP_ROWS)
    await tx
      .insertInto("history_annotation")
      .values(rows.slice(i, i + GROUP_ROWS))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  for (const key of removed) await tx.deleteFrom("history_annotation").where("key", "=", key).execute();
}

/** Those that touch a range, newest first. */
export async function readAnnotations(
  db: Database,
  { from, to, most }: Span & { most: number },
): Promise<Annotation[]> {
  const rows = await db
    .selectFrom("history_annotation")
    .selectAll()
    .where("at", "<", to)
    .where("end_at", ">=", from)
    .orderBy("at", "desc")
    .orderBy("key", "desc")
    .limit(most)
    .execute();
  return rows.map(fromRow);
}

export async function readAnnotation(db: Database, key: string): Promise<Annotation | undefined> {
  const row = await db.selectFrom("history_annotation").selectAll().where("key", "=", key).executeTakeFirst();
  return row && fromRow(row);
}

/** Drops some of those that are kept no longer; how many. */
export async function dropAnnotations(db: Database, retention: Retention, now: number): Promise<number> {
  const old = db
    .selectFrom("history_annotation")
    .select("key")
    .where("end_at", "<", annotationsFrom(retention, now))
    .limit(DROP_ROWS);
  const { numDeletedRows } = await db
    .deleteFrom("history_annotation")
    .where("key", "in", old)
    .executeTakeFirst();
  return Number(numDeletedRows);
}

function toRow({ key, at, until = at, kind, title, text, by, byHand }: Annotation): Row {
  const clean = (words: string) => words.replaceAll(NO_TEXT, "");
  return {
    key,
    at,
    end_at: until,
    kind,
    title: clean(title),
    text: text === undefined ? null : clean(text),
    author: by === undefined ? null : clean(by),
    by_hand: byHand ? 1 : 0,
  };
}

function fromRow({ key, at, end_at, kind, title, text, author, by_hand }: Row): Annotation {
  return {
    ...{ key, at, kind: kind as AnnotationKind, title },
    ...(end_at > at && { until: end_at }),
    ...(text !== null && { text }),
    ...(author !== null && { by: author }),
    ...(by_hand === 1 && { byHand: true as const }),
  };
}
