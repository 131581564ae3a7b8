import { setTimeout as sleep } from "node:timers/promises";
import { wallNow } from "./clock";
import { openLab, outcomeOf, type ViewerGroup } from "./lab";
import type { Load, Numbers } from "./load";
import type { PeerName } from "./readers";
import type { Row, Scenario } from "./scenario";

const NAME = "storm";
const LOAD: Load = { kind: "record", channels: 4, perSecond: 10, staggered: false };
const GROUPS: ViewerGroup[] = [
  { viewers: 500, checkOneIn: 1, reconnects: true },
  { viewers: 500, checkOneIn: 1, reconnects: true },
];
const WARM_UP_MS = 3000;
const RETURN_MS = 20_000;
const AFTER_MS = 2000;
const DRAIN_MS = 5000;

/** Kills the server under all viewers and starts it again at once; they come back by themselves. */
async function runStorm(peer: PeerName, nodeOptions: string[]): Promise<Row> {
  const lab = await openLab(peer, LOAD, nodeOptions);
  try {
    const clients = await Promise.all(GROUPS.map((group) => lab.connect(group)));
    await lab.server.ask("publish", null);
    await sleep(WARM_UP_MS);
    const killedAt = wallNow();
    // A server that stores nothing goes on after the newest update that any viewer has seen.
    await lab.killAndRestart(async () => {
      const seen = await Promise.all(clients.map((part) => part.ask("newest", null)));
      return seen.reduce(newest);
    });
    const listensAt = wallNow();
    // Latencies of those who are back, while others still come: they were undisturbed since.
    await Promise.all(clients.map((part) => part.ask("begin", null)));
    const waiting = clients.map((part) => part.ask("connected", { since: killedAt, limitMs: RETURN_MS }));
    const returns = (await Promise.all(waiting)).flat().sort((a, b) => a - b);
    await sleep(AFTER_MS);
    await Promise.all(clients.map((part) => part.ask("end", null)));
    const numbers = await lab.server.ask("halt", null);
    const outcome = await outcomeOf(clients, numbers, DRAIN_MS);
    const viewers = GROUPS.reduce((sum, group) => sum + group.viewers, 0);
    const at99 = returns[Math.ceil(viewers * 0.99) - 1];
    return {
      scenario: NAME,
      peer,
      viewers,
      cpuUsPerUpdate: null,
      bytesPerUpdate: null,
      packetsPerUpdate: null,
      ...outcome,
      notBack: viewers - returns.length,
      downMs: listensAt - killedAt,
      backAfterKillMs: at99 === undefined ? null : at99 - killedAt,
      backAfterListenMs: at99 === undefined ? null : at99 - listensAt,
    };
  } finally {
    await lab.close();
  }
}

function newest(a: Numbers, b: Numbers): Numbers {
  const result = { ...a };
  for (const [channel, number] of Object.entries(b)) result[channel] = Math.max(result[channel] ?? 0, number);
  return result;
}

export const storm: Scenario = {
  name: NAME,
  flag: "storm",
  about: "1000 viewers of 4 channels, each 10 updates/s; the server is killed and started again",
  run: runStorm,
  targets: [{ what: "viewers not back", limit: 0, figure: ({ nowboard }) => nowboard.notBack as number }],
  extras: {
    downMs: "down ms",
    backAfterKillMs: "99 % back after kill, ms",
    backAfterListenMs: "after listening, ms",
    notBack: "not back",
  },
};
