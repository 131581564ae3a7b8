/**
 * With `?speed=&since=` all clocks and timers of the page run so many times as fast: whatever reads the time and
 * waits by it behaves as it would in half an hour, in a minute or two. Imported before anything else, as libraries
 * keep the timers that they find.
 */
import { fasterNow } from "./faster-time";

const query = new URLSearchParams(location.search);
const time = { speed: Number(query.get("speed") ?? 1), since: Number(query.get("since")) };

if (time.speed > 1) {
  const { setTimeout: after, setInterval: every, requestAnimationFrame: paint } = window;
  const wall = Date.now;
  const mono = performance.now.bind(performance);
  const begin = mono();
  const now = () => begin + (mono() - begin) * time.speed;
  Date.now = () => fasterNow(time, wall());
  performance.now = now;
  const sooner = (timer: typeof after) =>
    ((run: () => void, ms = 0, ...args: []) => timer(run, ms / time.speed, ...args)) as typeof after;
  window.setTimeout = sooner(after);
  window.setInterval = sooner(every as typeof after) as typeof every;
  window.requestAnimationFrame = (run) => paint(() => run(now()));
}
