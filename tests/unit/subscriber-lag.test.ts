import { expect, it } from "vitest";
import type { Cohort } from "@/lib/server/hub/cohort";
import { lagOf, type Phase } from "@/lib/server/hub/subscriber";

const lag = (phase: Phase) => lagOf({ phase }, "5000-3");

it("a subscriber is behind by the time between its position and the head, and not at all when it is live", () => {
  expect(lag({ name: "catching-up", position: "4200-0" })).toBe(800);
  expect(lag({ name: "passed-over", position: "5000-1" })).toBe(0);
  // A cursor of another node may be ahead of this one.
  expect(lag({ name: "catching-up", position: "6000-0" })).toBe(0);
  expect(lag({ name: "live", cohort: {} as Cohort })).toBe(0);
  expect(lag({ name: "closed" })).toBe(0);
});

it("who is owed a whole snapshot is behind by no time that could be told", () => {
  expect(lag({ name: "catching-up", position: undefined })).toBeNull();
});
