/** A chart as a PNG file: composed on a canvas of its own from what the page draws, in the page's theme. */
import { spanText } from "@/components/time/range-words";
import { formatTime } from "@/lib/shared/format";
import { xOf } from "./chart-model";
import type { ChartSnapshot } from "./chart-snapshot";
import { FONT_PX, type ImageLayout, imageLayout, labelText, SCALE, SWATCH, TITLE_PX } from "./image-layout";
import type { Mark } from "./marks";
import { thresholdText } from "./thresholds";

type Context = CanvasRenderingContext2D;
type Ink = (variable: string) => string;

/** Throws when the browser cannot make one. */
export async function drawImage(snapshot: ChartSnapshot): Promise<Blob> {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser cannot draw");
  const style = getComputedStyle(document.documentElement);
  const ink: Ink = (variable) => style.getPropertyValue(variable);
  const font = (px: number, weight = 400) =>
    `${weight} ${px}px ${getComputedStyle(document.body).fontFamily}`;
  context.font = font(FONT_PX);
  const layout = imageLayout(snapshot, (text) => context.measureText(text).width);
  canvas.width = layout.width * SCALE;
  canvas.height = layout.height * SCALE;
  context.scale(SCALE, SCALE);
  context.fillStyle = ink("--surface");
  context.fillRect(0, 0, layout.width, layout.height);
  context.fillStyle = ink("--ink");
  context.font = font(TITLE_PX, 600);
  context.fillText(snapshot.title, layout.title.x, layout.title.y, layout.title.width);
  context.font = font(FONT_PX);
  context.fillStyle = ink("--soft");
  context.fillText(subtitle(snapshot), layout.range.x, layout.range.y, layout.range.width);
  drawPlot(context, snapshot, layout, ink);
  drawAxes(context, snapshot, layout, ink);
  drawLabels(context, snapshot, layout, ink);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  if (!blob) throw new Error("This browser cannot make a PNG file");
  return blob;
}

/** An image is looked at later: "the last 5 minutes" needs its time. */
function subtitle({ rangeText, span, now, place }: ChartSnapshot): string {
  const times = span ? spanText(span, place) : formatTime(now, place, Number.POSITIVE_INFINITY);
  return rangeText.includes(times) ? rangeText : `${rangeText} · ${times}`;
}

function drawPlot(context: Context, snapshot: ChartSnapshot, { plot }: ImageLayout, ink: Ink): void {
  context.save();
  context.translate(plot.x, plot.y);
  context.strokeStyle = ink("--line");
  for (const place of snapshot.grid) line(context, place * plot.height, plot.width);
  context.beginPath();
  context.rect(0, -1, plot.width, plot.height + 2);
  context.clip();
  drawGaps(context, snapshot, plot, ink);
  for (const mark of snapshot.marks(plot.width, plot.height)) drawMark(context, mark, ink);
  context.globalAlpha = 1;
  for (const threshold of snapshot.thresholds) {
    const { place, level, where } = threshold;
    const text = thresholdText(threshold, snapshot.place.locale);
    const y = place * plot.height;
    context.fillStyle = ink(where === "inside" ? `--${level}` : "--soft");
    context.strokeStyle = ink(`--${level}`);
    context.setLineDash(level === "bad" ? [] : [6, 4]);
    context.lineWidth = 1;
    if (where === "inside") line(context, y, plot.width);
    const isUnder = where === "above" || (where === "inside" && y < 2 * FONT_PX);
    const base = where === "inside" ? y : where === "above" ? 0 : plot.height;
    context.fillText(text, 4, isUnder ? base + FONT_PX + 3 : base - 5);
  }
  context.restore();
}

function line(context: Context, y: number, width: number): void {
  context.beginPath();
  context.moveTo(0, y);
  context.lineTo(width, y);
  context.stroke();
}

function drawMark(context: Context, { d, fill, stroke, opacity = 1, width = 1, dash = [] }: Mark, ink: Ink) {
  const path = new Path2D(d);
  context.globalAlpha = opacity;
  context.lineJoin = "round";
  context.lineCap = dash.length > 0 ? "butt" : "round";
  if (fill) {
    context.fillStyle = ink(fill);
    context.fill(path);
  }
  if (!stroke) return;
  context.strokeStyle = ink(stroke);
  context.lineWidth = width * (Number(ink("--chart-width")) || 2);
  context.setLineDash([...dash]);
  context.stroke(path);
}

function drawGaps(context: Context, { gaps, span, now }: ChartSnapshot, plot: ImageLayout["plot"], ink: Ink) {
  if (!span) return;
  gaps.toReversed().forEach(({ from, to, text }, i) => {
    const left = Math.max(0, xOf(from, span)) * plot.width;
    const right = Math.min(1, xOf(to ?? now, span)) * plot.width;
    if (right <= left) return;
    context.save();
    context.beginPath();
    context.rect(left, 0, right - left, plot.height);
    context.clip();
    context.strokeStyle = ink("--hatch");
    context.lineWidth = 1;
    context.beginPath();
    for (let x = left - plot.height; x < right; x += 8) {
      context.moveTo(x, plot.height);
      context.lineTo(x + plot.height, 0);
    }
    context.stroke();
    context.restore();
    if (i > 1) return;
    const width = context.measureText(text).width;
    const x = Math.min(Math.max((left + right - width) / 2, 4), Math.max(4, plot.width - width - 4));
    context.fillStyle = ink("--soft");
    context.fillText(text, x, 20 + i * 18, plot.width - 8);
  });
}

function drawAxes(context: Context, { values, times }: ChartSnapshot, layout: ImageLayout, ink: Ink): void {
  const { plot } = layout;
  context.fillStyle = ink("--soft");
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const { place, label } of values)
    context.fillText(label, layout.valuesRight, plot.y + place * plot.height, layout.valuesRight - 8);
  context.textBaseline = "alphabetic";
  for (const { place, label } of times) {
    context.textAlign = place < 0.06 ? "left" : place > 0.94 ? "right" : "center";
    context.fillText(label, plot.x + place * plot.width, layout.timesY);
  }
  context.textAlign = "left";
}

function drawLabels(context: Context, { labels }: ChartSnapshot, layout: ImageLayout, ink: Ink): void {
  context.textBaseline = "middle";
  labels.forEach((label, i) => {
    const { x, y, width } = layout.labels[i]!;
    if (label.colour) {
      context.fillStyle = ink(label.colour);
      context.fillRect(x, y - 2, SWATCH - 2, 4);
    }
    context.fillStyle = ink("--ink");
    context.fillText(labelText(label), x + SWATCH + 4, y, width);
  });
}
