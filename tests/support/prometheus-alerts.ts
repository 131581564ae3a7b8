import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface Alert {
  name: string;
  expr: string;
  /** The keys that it has. */
  keys: string[];
}

const FILE = fileURLToPath(new URL("../../deploy/prometheus-alerts.yml", import.meta.url));
/** What of an expression is not the name of a metric: its language, and what stands in labels or quotes. */
const WORDS =
  /^(and|or|unless|by|without|on|sum|max|min|avg|count|rate|increase|max_over_time|avg_over_time)$/;

/** The rules of `deploy/prometheus-alerts.yml`, as far as its plain form says. Throws for a line of any other form. */
export function readAlerts(): Alert[] {
  const alerts: Alert[] = [];
  for (const line of readFileSync(FILE, "utf8").split("\n")) {
    if (line === "" || /^#|^groups:$|^ {2}- name: nowboard$|^ {4}rules:$/.test(line)) continue;
    const [, start, key, value] = /^ {6}(- | {2})([a-z]+):(?: (.+))?$/.exec(line) ?? [];
    if (key === undefined) {
      if (!/^ {10}summary: "[^"]+"$/.test(line)) throw new Error(`not understood: ${line}`);
      continue;
    }
    if (start === "- ") alerts.push({ name: value ?? "", expr: "", keys: [] });
    const alert = alerts.at(-1)!;
    alert.keys.push(key);
    if (key === "expr") alert.expr = value ?? "";
  }
  return alerts;
}

/** The metrics that the alerts ask for; of a histogram its own name. */
export function alertedMetrics(): string[] {
  const names = readAlerts().flatMap(({ expr }) => {
    const plain = expr.replace(/\{[^}]*\}|\[[^\]]*\]|\b(by|without|on) *\([^)]*\)/g, " ");
    return plain.match(/[a-zA-Z_][a-zA-Z0-9_]*/g)?.filter((word) => !WORDS.test(word)) ?? [];
  });
  return [...new Set(names.map((name) => name.replace(/_(bucket|sum|count)$/, "")))];
}
