import type { Mark } from "./marks";

export const MARKS_WIDTH = 1000;
export const MARKS_HEIGHT = 200;

/** The marks of a plot as the server can draw them; their box is stretched over the plot. */
export function MarksDrawing({ marks }: { marks: readonly Mark[] }) {
  return (
    <svg
      viewBox={`0 0 ${MARKS_WIDTH} ${MARKS_HEIGHT}`}
      preserveAspectRatio="none"
      className="absolute inset-x-0 top-px h-[calc(100%-2px)] w-full"
      aria-hidden="true"
    >
      {marks.map(({ d, fill, stroke, opacity, width = 1, dash }, i) => (
        <path
          // biome-ignore lint/suspicious/noArrayIndexKey: a mark has no other name than its place.
          key={i}
          d={d}
          fill="none"
          strokeLinejoin="round"
          strokeLinecap={dash ? "butt" : "round"}
          vectorEffect="non-scaling-stroke"
          opacity={opacity}
          style={{
            ...(fill && { fill: `var(${fill})` }),
            ...(stroke && {
              stroke: `var(${stroke})`,
              strokeWidth: `calc(var(--chart-width) * ${width})`,
              // With more contrast, lines differ in their dashes, too.
              strokeDasharray: dash?.join(" ") ?? `var(${stroke}-dash)`,
            }),
          }}
        />
      ))}
    </svg>
  );
}
