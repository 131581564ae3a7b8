export interface Panel {
  title: string;
  /** What the axes show. */
  x: string;
  y: string;
  points: [x: number, y: number][];
}

const WIDTH = 360;
const HEIGHT = 240;
const MARGIN = { left: 46, right: 16, top: 34, bottom: 40 };
const COLUMNS = 2;

/** A drawing with one line chart per panel, two abreast; both axes begin at zero. Readable on light and dark. */
export function plot(panels: Panel[]): string {
  const rows = Math.ceil(panels.length / COLUMNS);
  const drawn = panels.map((panel, i) => {
    const [x, y] = [(i % COLUMNS) * WIDTH, Math.floor(i / COLUMNS) * HEIGHT];
    return `<g transform="translate(${x} ${y})">${draw(panel)}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${COLUMNS * WIDTH} ${rows * HEIGHT}" font-family="sans-serif" font-size="11" role="img" aria-labelledby="title">
<title id="title">CPU time of all servers and Redis, in percent of a core: ${panels.map(({ title }) => title).join("; ")}</title>
<rect width="100%" height="100%" fill="#fff"/>
${drawn.join("\n")}
</svg>
`;
}

function draw({ title, x, y, points }: Panel): string {
  const right = WIDTH - MARGIN.right;
  const bottom = HEIGHT - MARGIN.bottom;
  const maxX = Math.max(...points.map(([value]) => value));
  const maxY = roundUp(Math.max(...points.map(([, value]) => value)));
  const toX = (value: number) => round(MARGIN.left + (value / maxX) * (right - MARGIN.left));
  const toY = (value: number) => round(bottom - (value / maxY) * (bottom - MARGIN.top));
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = toY(share * maxY);
    return `<path d="M${MARGIN.left} ${at}H${right}" stroke="#ddd"/>${label(MARGIN.left - 6, at + 4, String(share * maxY), "end")}`;
  });
  const ticks = points.map(([value]) => label(toX(value), bottom + 15, String(value), "middle"));
  const line = points.map(([px, py]) => `${toX(px)},${toY(py)}`).join(" ");
  const dots = points.map(([px, py]) => `<circle cx="${toX(px)}" cy="${toY(py)}" r="3" fill="#1d5fbf"/>`);
  return [
    `<text x="${MARGIN.left}" y="18" font-weight="600" fill="#222">${title}</text>`,
    ...grid,
    ...ticks,
    label((MARGIN.left + right) / 2, HEIGHT - 8, x, "middle"),
    label(MARGIN.left, MARGIN.top - 6, y, "start"),
    `<polyline points="${line}" fill="none" stroke="#1d5fbf" stroke-width="2"/>`,
    ...dots,
  ].join("");
}

function label(x: number, y: number, text: string, anchor: "start" | "middle" | "end"): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="#555">${text}</text>`;
}

/** The next of 1, 2, 4 and 8 times a power of ten, so that quarters of it are short numbers. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 8].find((factor) => factor * power >= value) ?? 10) * power;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
