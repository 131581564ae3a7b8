import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { tickWhileVisible } from "@/components/live/visible-ticks";

class FakePage extends EventTarget {
  visibilityState: DocumentVisibilityState = "visible";

  become(state: DocumentVisibilityState): void {
    this.visibilityState = state;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it("[C3] what counts down has no wake-ups while the page is hidden, and is right at once when it is seen", () => {
  const page = new FakePage() as FakePage & Document;
  const tick = vi.fn();
  const stop = tickWhileVisible(page, 500, tick);
  vi.advanceTimersByTime(1100);
  expect(tick).toHaveBeenCalledTimes(2);
  page.become("hidden");
  expect(vi.getTimerCount()).toBe(0);
  page.become("visible");
  page.become("visible");
  expect(tick.mock.calls.length).toBeGreaterThan(2);
  expect(vi.getTimerCount()).toBe(1);
  stop();
  expect(vi.getTimerCount()).toBe(0);
  page.become("visible");
  expect(vi.getTimerCount()).toBe(0);
  page.visibilityState = "hidden";
  tickWhileVisible(page, 500, tick)();
  expect(vi.getTimerCount()).toBe(0);
});

it("[C3] a page that is hidden from the start has none either", () => {
  const page = new FakePage() as FakePage & Document;
  page.visibilityState = "hidden";
  const stop = tickWhileVisible(page, 500, () => {});
  expect(vi.getTimerCount()).toBe(0);
  page.become("visible");
  expect(vi.getTimerCount()).toBe(1);
  stop();
});
