import { once } from "node:events";
import { WebSocket } from "ws";

/**
 * Keeps the event loop of a process busy for `ms` at a time, again and again, through its inspector (`--inspect`):
 * the process runs all its own code, only late. Returns the way to stop.
 */
export async function stallLoop(inspectPort: number, ms: number): Promise<() => Promise<void>> {
  const list = await fetch(`http://127.0.0.1:${inspectPort}/json/list`);
  const [target] = (await list.json()) as { webSocketDebuggerUrl: string }[];
  const inspector = new WebSocket(target!.webSocketDebuggerUrl);
  await once(inspector, "open");
  const expression = `{ const end = performance.now() + ${ms}; while (performance.now() < end); }`;
  let stalling = true;
  const stall = async () => {
    for (let id = 1; stalling; id++) {
      inspector.send(JSON.stringify({ id, method: "Runtime.evaluate", params: { expression } }));
      await once(inspector, "message");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const over = stall();
  return async () => {
    stalling = false;
    await over;
    inspector.terminate();
  };
}
