import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { APART_PX, FLAG_PX, type Flag, layoutFlags } from "@/components/charts/flag-layout";
import { ANNOTATION_KINDS, type Annotation } from "@/lib/shared/annotations";

const SPAN = { from: 1000, to: 2000 };
const note = (at: number, more: Partial<Annotation> = {}): Annotation => ({
  ...{ key: `${at}`, at, kind: "note", title: "A title" },
  ...more,
});

const some = fc.record(
  {
    at: fc.integer({ min: 500, max: 2200 }),
    lasts: fc.option(fc.integer({ min: 1, max: 900 }), { nil: undefined }),
    kind: fc.constantFrom(...ANNOTATION_KINDS),
    title: fc.string({ minLength: 1, maxLength: 80 }),
  },
  { requiredKeys: ["at", "kind", "title"] },
);
const many = fc.array(some, { maxLength: 60 }).map((each) =>
  each
    .map(
      ({ at, lasts, kind, title }, i): Annotation => ({
        ...{ key: `${i}`, at, kind, title },
        ...(lasts !== undefined && { until: at + lasts }),
      }),
    )
    .sort((a, b) => a.at - b.at),
);

/** What a flag takes of a plot of this width, px. */
function extent({ place, title }: Flag, width: number): [number, number] {
  const left = Math.min(width - FLAG_PX, Math.max(0, place * width - FLAG_PX / 2));
  if (title?.side === "left") return [left - title.width, left + FLAG_PX];
  return [left, left + FLAG_PX + (title?.width ?? 0)];
}

describe("the flags of a chart", () => {
  it("[A6] never lie on each other, nor beyond the plot, and each annotation in sight is in one of them", () => {
    fc.assert(
      fc.property(many, fc.integer({ min: 120, max: 1400 }), (annotations, width) => {
        const { flags } = layoutFlags(annotations, SPAN, width);
        const shown = flags.flatMap((flag) => flag.annotations.map(({ key }) => key));
        const inSight = annotations.filter(({ at, until = at }) => at < SPAN.to && until >= SPAN.from);
        expect([...shown].sort()).toEqual(inSight.map(({ key }) => key).sort());
        let end = 0;
        for (const flag of flags) {
          const [from, to] = extent(flag, width);
          expect(from).toBeGreaterThanOrEqual(end - 1e-6);
          expect(to).toBeLessThanOrEqual(width + 1e-6);
          end = to;
          if (flag.annotations.length > 1) expect(flag.title).toBeUndefined();
        }
      }),
    );
  });

  it("[A6] stand apart as far as a finger needs, and are one with a count where they cannot", () => {
    const two = [note(1500), note(1530, { kind: "incident" })];
    expect(layoutFlags(two, SPAN, 1000).flags).toHaveLength(2);
    const [flag, ...others] = layoutFlags(two, SPAN, 1000, APART_PX.coarse).flags;
    expect(others).toEqual([]);
    expect(flag!.annotations.map(({ at }) => at)).toEqual([1500, 1530]);
    // Of several the most urgent kind is shown, at the newest one's place.
    expect(flag).toMatchObject({ kind: "incident", place: 0.53 });
  });

  it("[A6] say their title to the right, at the right edge to the left, and not where there is no room", () => {
    const sides = (annotations: Annotation[], width = 1000) =>
      layoutFlags(annotations, SPAN, width).flags.map(({ title }) => title?.side);
    expect(sides([note(1200)])).toEqual(["right"]);
    expect(sides([note(1999)])).toEqual(["left"]);
    expect(sides([note(1200), note(1230), note(1999)])).toEqual([undefined, "right", "left"]);
    expect(sides([note(1000), note(1200), note(1400), note(1600)], 200)).toEqual([
      undefined,
      undefined,
      undefined,
      "right",
    ]);
  });

  it("[A6] of a stretch that began before stand at the left edge", () => {
    const { flags } = layoutFlags([note(10, { until: 1500 })], SPAN, 500);
    expect(flags).toMatchObject([{ place: 0 }]);
  });
});

describe("stretches", () => {
  it("[A6] are tinted where they touch the span, those of a kind that overlap as one", () => {
    const { bands } = layoutFlags(
      [
        note(500, { until: 1100 }),
        note(1050, { until: 1200 }),
        note(1150, { until: 1300, kind: "incident" }),
        note(1400, { until: 1450 }),
        note(1900, { until: 9000 }),
        note(1500),
      ],
      SPAN,
      500,
    );
    expect(bands).toEqual([
      { kind: "note", from: 0, to: 0.2 },
      { kind: "incident", from: 0.15, to: 0.3 },
      { kind: "note", from: 0.4, to: 0.45 },
      { kind: "note", from: 0.9, to: 1 },
    ]);
  });
});
