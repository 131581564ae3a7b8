import { describe, expect, it } from "vitest";
import { labelsBelow } from "@/components/charts/thresholds";

describe("the labels of thresholds", () => {
  it("stand above their lines where there is room, and below the one at the plot's top", () => {
    expect(labelsBelow([0.75, 0.5])).toEqual([false, false]);
    expect(labelsBelow([0.75, 0.1])).toEqual([false, true]);
  });

  it("give way to the label of the line over them", () => {
    expect(labelsBelow([0.35, 0.1])).toEqual([false, true]);
    expect(labelsBelow([0.25, 0.1])).toEqual([true, true]);
    expect(labelsBelow([0.4, 0.2, 0])).toEqual([true, true, true]);
    expect(labelsBelow([0.6, 0.2, 0])).toEqual([false, true, true]);
  });

  it("stay at the bottom where their lines lie below the plot", () => {
    expect(labelsBelow([Number.POSITIVE_INFINITY, 0.05])).toEqual([false, true]);
  });
});
