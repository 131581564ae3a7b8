import { type Evidence, judge, type Verdict } from "@/tests/support/verdict";
import type { Sight } from "@/tests/support/witness";

/**
 * Did a page that shows no orders tell the truth? Pure. What its card showed is held to the figures that were
 * acknowledged, each in the place of the order with its number in the row; a chart's line is judged when `drawn` is one.
 */
export function judgeFigures({
  drawn,
  ...evidence
}: Omit<Evidence, "drawn"> & { drawn?: number[] }): Verdict {
  const { figures } = evidence.acknowledged;
  const places = new Map(figures.map(({ n }, i) => [n, i + 1]));
  const orders = figures.map(({ at }, i) => ({ n: i + 1, at }));
  const asList = (sight: Sight): Sight => {
    const { card } = sight;
    // A number that nobody sent comes before all that were.
    const place = card === null ? 0 : (places.get(card) ?? 0);
    const isThere = figures.length === 0 || card !== null;
    return { ...sight, list: isThere, orders: place > 0 ? [place] : [], count: place };
  };
  return judge({
    ...evidence,
    acknowledged: { orders, figures: drawn ? figures : [] },
    sights: evidence.sights.map(asList),
    drawn: drawn ?? [],
  });
}
