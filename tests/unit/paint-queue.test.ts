import { expect, it } from "vitest";
import { PaintQueue } from "@/lib/client/paint-queue";

/** Frames and timers that the test lets come. */
function fakeFrames() {
  let frames: (() => void)[] = [];
  return {
    environment: {
      nextFrame: (run: () => void) => {
        frames.push(run);
        return () => {
          frames = frames.filter((one) => one !== run);
        };
      },
      after: () => () => {},
    },
    next() {
      const due = frames;
      frames = [];
      for (const run of due) run();
    },
    get asked() {
      return frames.length;
    },
  };
}

it("spreads many paints evenly over a few frames, in their order", () => {
  const frames = fakeFrames();
  const queue = new PaintQueue(frames.environment);
  const painted: number[] = [];
  for (let i = 0; i < 30; i++) queue.add(() => painted.push(i));
  const perFrame: number[] = [];
  for (let frame = 0; frame < 20 && painted.length < 30; frame++) {
    const before = painted.length;
    frames.next();
    perFrame.push(painted.length - before);
  }
  expect(painted).toEqual(Array.from({ length: 30 }, (_, i) => i));
  expect(Math.max(...perFrame)).toBe(3);
  expect(frames.asked).toBe(0);
});

it("paints what is asked for while it paints in a later frame, and not what was cancelled", () => {
  const frames = fakeFrames();
  const queue = new PaintQueue(frames.environment);
  const painted: string[] = [];
  queue.add(() => {
    painted.push("first");
    queue.add(() => painted.push("again"));
  });
  const cancel = queue.add(() => painted.push("cancelled"));
  cancel();
  frames.next();
  expect(painted).toEqual(["first"]);
  frames.next();
  expect(painted).toEqual(["first", "again"]);
  expect(frames.asked).toBe(0);
});
