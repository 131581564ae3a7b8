/** The rows of a table as bars: the largest first, the rest in one. Pure. */
import type { Row, Unit } from "@/lib/shared/define-channel";

export interface Category {
  key: string;
  name: string;
  value: number;
  /** All rows that have no bar of their own. */
  isRest?: boolean;
}

/** What adds up to a whole: a sum of shares or of times says nothing. */
const ADDITIVE: readonly Unit[] = ["count", "bytes", "bytesPerSecond", "perSecond", "currency", "none"];

/** At most `most` bars of a column; rows without a number have none. Where sums mean nothing, the rest is left out. */
export function categoriesOf(
  rows: Readonly<Record<string, Row>>,
  column: string,
  unit: Unit | undefined,
  most: number,
): Category[] {
  const all = Object.entries(rows).flatMap(([key, row]): Category[] => {
    const value = row[column];
    return typeof value === "number" ? [{ key, name: key, value }] : [];
  });
  all.sort((a, b) => b.value - a.value || (a.name < b.name ? -1 : 1));
  if (all.length <= most) return all;
  const isAdditive = unit === undefined || ADDITIVE.includes(unit);
  const shown = all.slice(0, most - 1);
  const rest = all.slice(most - 1);
  const value = rest.reduce((sum, one) => sum + one.value, 0);
  return isAdditive
    ? [...shown, { key: "", name: `${rest.length} others`, value, isRest: true }]
    : all.slice(0, most);
}

/** From where to where a bar reaches, 0 to 1 of the room that all have; zero lies where negative ones end. */
export function categoryReach(categories: readonly Category[]): {
  zero: number;
  reach: { from: number; to: number }[];
} {
  const values = categories.map(({ value }) => value);
  const low = Math.min(0, ...values);
  const width = Math.max(0, ...values) - low || 1;
  const place = (value: number) => (value - low) / width;
  return {
    zero: place(0),
    reach: values.map((value) => ({ from: place(Math.min(0, value)), to: place(Math.max(0, value)) })),
  };
}
