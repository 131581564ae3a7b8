import { expect, it } from "vitest";
import { channels } from "@/lib/channels/registry";
import { emptyState } from "@/lib/shared/state";

it("gives every channel a name of its own and a promise that its source can keep", () => {
  expect(new Set(channels.map(({ name }) => name)).size).toBe(channels.length);
  for (const { name, cadence, maxAge } of channels) expect(maxAge, name).toBeGreaterThanOrEqual(2 * cadence);
});

it("has the four groups that every dashboard has, and an explanation of each of their numbers", () => {
  const records = channels.filter((channel) => channel.kind === "record");
  expect(records.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["infrastructure", "api", "database", "business"]),
  );
  for (const { metrics } of records)
    for (const metric of Object.values(metrics)) {
      expect(metric.about, metric.metric).toMatch(/^[A-Z0-9].*\.$/);
      expect(metric.unit === "currency", metric.metric).toBe(metric.currency !== undefined);
    }
});

it("[R1] defines channels whose references survive the way from server to client", () => {
  for (const channel of channels) {
    expect(structuredClone(channel)).toEqual(channel);
    expect(JSON.parse(JSON.stringify(channel))).toEqual(channel);
    expect(JSON.parse(JSON.stringify(emptyState(channel)))).toEqual(emptyState(channel));
  }
});
