import { expect, it } from "vitest";
import { alertedMetrics, readAlerts } from "../support/prometheus-alerts";

it("the example of alerts is complete, each with what it asks, for how long, and what it means", () => {
  const alerts = readAlerts();
  expect(alerts.length).toBeGreaterThan(7);
  for (const { name, expr, keys } of alerts) {
    expect(name).toMatch(/^Nowboard[A-Z][A-Za-z]+$/);
    expect(keys).toEqual(["alert", "expr", "for", "labels", "annotations"]);
    expect(expr).toMatch(/ (>|==) [\d.]+$/);
    const opened = expr.match(/[([{]/g)?.length ?? 0;
    expect(expr.match(/[)\]}]/g)?.length ?? 0).toBe(opened);
  }
  expect(new Set(alerts.map(({ name }) => name)).size).toBe(alerts.length);
});

it("the example of alerts names Nowboard's metrics, and whether it is up", () => {
  for (const name of alertedMetrics()) expect(name).toMatch(/^(up|nowboard_[a-z_]+)$/);
});
