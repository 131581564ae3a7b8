import { beforeEach, expect, it } from "vitest";
import { saverOf } from "@/lib/client/data-saver";
import { RUNGS, type Rung } from "@/lib/client/ladder-state";
import { createLiveClient, type LiveClient } from "@/lib/client/live-client";
import { unite } from "@/lib/client/tabs/unite";
import { liveUrl } from "@/lib/client/transports/transport";
import type { Subscribe } from "@/lib/shared/protocol";
import { FakeBrowser } from "../support/fake-browser";
import { FakeRungs } from "../support/fake-rungs";

it.each([
  [
    { remembered: null, saveData: undefined, prefersReduced: false },
    { choice: "auto", isAsked: false, isOn: false },
  ],
  [
    { remembered: null, saveData: true, prefersReduced: false },
    { choice: "auto", isAsked: true, isOn: true },
  ],
  [
    { remembered: null, saveData: false, prefersReduced: true },
    { choice: "auto", isAsked: true, isOn: true },
  ],
  [
    { remembered: "off", saveData: true, prefersReduced: true },
    { choice: "off", isAsked: true, isOn: false },
  ],
  [
    { remembered: "on", saveData: false, prefersReduced: false },
    { choice: "on", isAsked: false, isOn: true },
  ],
  [
    { remembered: "else", saveData: false, prefersReduced: false },
    { choice: "auto", isAsked: false, isOn: false },
  ],
])("[H7] what the viewer chose goes before what the browser asks for: %o", (signs, saver) => {
  expect(saverOf(signs)).toEqual(saver);
});

it("[H7] a request says that it wants to be sparse", () => {
  const asked = { channels: ["cpu"], sparse: true };
  expect(liveUrl("/api/live/poll", asked, 10)).toBe("/api/live/poll?channels=cpu&sparse=1&wait=10");
  expect(liveUrl("/api/live/poll", { channels: ["cpu"] })).toBe("/api/live/poll?channels=cpu");
});

it("[H7] tabs that share a connection are sparse when all of them are", () => {
  const tab = (sparse: boolean | undefined, cursor?: string) => ({
    n: 1,
    pollMs: 5000,
    subscribe: { channels: ["cpu"], cursor, sparse } as Subscribe,
  });
  const of = (...sparse: (boolean | undefined)[]) =>
    unite(new Map(sparse.map((wants, i) => [`t${i}`, tab(wants, `e.${i + 1}-0`)])), 0).subscribe.sparse;
  expect(of(true, true)).toBe(true);
  expect(of(true, undefined)).toBeUndefined();
  expect(of(undefined)).toBeUndefined();
  expect(unite(new Map([["t", tab(true)]]), 0).subscribe.sparse).toBe(true);
});

let browser: FakeBrowser;
let rungs: FakeRungs;
let client: LiveClient;
beforeEach(() => {
  browser = new FakeBrowser();
  rungs = new FakeRungs(browser);
  client = createLiveClient(browser);
});

async function openPage(rung: Rung) {
  const snapshot = { cpu: { kind: "record" as const, asOf: 1, values: {}, ts: {} } };
  client.seed({ frame: { to: "e.10-0", snapshot, now: browser.wallTime }, series: {} });
  client.watch(["cpu"], rung === "long-poll" ? "auto" : rung);
  client.start();
  await browser.advance(0);
  for (const failing of ["socket", "sse"] as const)
    if (rung === "long-poll")
      rungs.last(failing).link.failed({ reason: "closed", answered: false, message: "closed" });
  const { link } = rungs.last(rung);
  link.frame({
    from: "e.10-0",
    to: "e.11-0",
    updates: [],
    sub: link.subscription().sub,
    now: browser.wallTime,
  });
  await browser.advance(100);
  expect(client.connection()).toMatchObject({ status: "live", transport: rung });
}

it.each(RUNGS)("[H7] on %s it is asked for at once, and again on every later connection", async (rung) => {
  await openPage(rung);
  const { asked } = rungs.last(rung);
  const before = asked.length;
  expect(asked.at(-1)?.sparse).toBeUndefined();
  client.spare(true);
  expect(asked.at(-1)).toMatchObject({ sparse: true, cursor: "e.11-0" });
  client.spare(true);
  expect(asked).toHaveLength(before + 1);
  expect(client.connection().status).toBe("live");
  expect(client.diagnostics().sparse).toBe(true);

  rungs.last(rung).link.failed({ reason: "closed", answered: true, message: "closed" });
  await browser.advance(60_000);
  expect(rungs.opened[rung].length).toBeGreaterThan(1);
  expect(rungs.last(rung).asked[0]?.sparse).toBe(true);

  client.spare(false);
  await browser.advance(60_000);
  expect(rungs.last(rung).asked.at(-1)?.sparse).toBeUndefined();
});
