import { expect, it } from "vitest";
import { matchesTopic } from "@/lib/server/sources/mqtt/mqtt-topics";

it.each([
  ["a/b", "a/b", true],
  ["a/b", "a/b/c", false],
  ["a/+", "a/b", true],
  ["a/+", "a", false],
  ["a/+", "a/", true],
  ["a/+/c", "a/b/c", true],
  ["a/#", "a", true],
  ["a/#", "a/b/c", true],
  ["a/#", "ab", false],
  ["#", "a/b", true],
  ["#", "$SYS/broker", false],
  ["+/broker", "$SYS/broker", false],
  ["$SYS/#", "$SYS/broker", true],
  ["$share/group/a/+", "a/b", true],
])("the filter %s and the topic %s: %s", (filter, topic, matches) => {
  expect(matchesTopic(filter, topic)).toBe(matches);
});
