import { expect, it, vi } from "vitest";
import { onceLive } from "@/components/live/when-live";
import type { LiveClient } from "@/lib/client/live-client";

function someClient(status: string) {
  const listeners = new Set<() => void>();
  const client = {
    connection: () => ({ status }),
    subscribe(_topic: string, listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const become = (next: string) => {
    status = next;
    for (const listener of [...listeners]) listener();
  };
  return { client: client as unknown as LiveClient, become, listeners };
}

it("runs once: now if the client is live, else when it is, and not after it was stopped", () => {
  const run = vi.fn();
  onceLive(someClient("live").client, run);
  expect(run).toHaveBeenCalledTimes(1);

  const late = someClient("offline");
  onceLive(late.client, run);
  late.become("reconnecting");
  expect(run).toHaveBeenCalledTimes(1);
  late.become("live");
  late.become("offline");
  late.become("live");
  expect(run).toHaveBeenCalledTimes(2);
  expect(late.listeners.size).toBe(0);

  const stopped = someClient("offline");
  onceLive(stopped.client, run)();
  stopped.become("live");
  expect(run).toHaveBeenCalledTimes(2);
});
