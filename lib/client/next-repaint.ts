import type { ClientEnvironment } from "./environment";

/** When no animation frame comes, as in a hidden page, it is taken for late after this, ms. */
const LATE_MS = 1000;

/** Runs something before the next repaint, or a little later when there is none. Returns the way to cancel it. */
export function onNextRepaint(
  { nextFrame, after }: Pick<ClientEnvironment, "nextFrame" | "after">,
  run: () => void,
): () => void {
  const cancelFrame = nextFrame(run);
  const cancelTimer = after(LATE_MS, run);
  return () => {
    cancelFrame();
    cancelTimer();
  };
}
