/** Several nodes behind nginx, without sticky sessions. */

import type { Rung } from "@/lib/client/ladder-state";
import { type Cluster, startCluster } from "@/lib/cluster/cluster";
import { deploymentAt } from "@/tests/support/deployment";
import { test as base, expect } from "@/tests/support/fixtures";
import type { Fault } from "./faults";
import { play } from "./play";
import type { Stage } from "./stage";

const NODES = 2;
const ALL: readonly Rung[] = ["socket", "sse", "long-poll", "poll"];

const test = base.extend<{ deployment: Cluster }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures' names from the pattern.
  deployment: async ({}, use, testInfo) => {
    const lines: string[] = [];
    const deployment = await startCluster({
      nodes: NODES,
      print: (part, line) => lines.push(`${part}: ${line}`),
    });
    await use(deployment);
    await deployment.close();
    if (testInfo.status !== testInfo.expectedStatus)
      await testInfo.attach("output", { body: lines.join("\n"), contentType: "text/plain" });
  },
  nowboard: async ({ deployment }, use) => use(deploymentAt(deployment.url)),
});

interface ProxiedFault extends Omit<Fault, "run"> {
  run(stage: Stage, deployment: Cluster): Promise<void>;
}

/** What a person may see while a page only moves from one node to another. */
const CALM = new Set(["Live", "Catching up", "Connecting"]);

function expectCalm({ witness, injectedAt = 0 }: Stage) {
  const since = witness.sights.filter(({ until }) => until >= injectedAt);
  expect(since.flatMap(({ word, bar }) => (bar ? [bar] : CALM.has(word ?? "") ? [] : [word]))).toEqual([]);
}

/** Frames that each node has sent, from its own figures. */
function framesOf({ nodes }: Cluster): Promise<number[]> {
  return Promise.all(
    nodes.map(async ({ url }) => {
      const text = await (await fetch(`${url}/metrics`)).text();
      const counts = text.matchAll(/^nowboard_frames_sent_total\{[^}]*\} (\d+)/gm);
      return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
    }),
  );
}

const rollingRestart: ProxiedFault = {
  row: "16",
  name: "rolling-restart",
  title: "both nodes are restarted one after the other behind nginx while orders flow",
  rungs: ALL,
  fast: true,
  recoverMs: 5000,
  async run(stage, deployment) {
    const pids = deployment.nodes.map(({ pid }) => pid);
    stage.injected("the nodes are asked to end and started again, one after the other");
    await deployment.rollingRestart();
    await stage.capture();
    stage.healed("both are back");
    const isNew = deployment.nodes.every(({ pid }, i) => pid !== pids[i]);
    stage.proved("each node is another process", isNew);
    await stage.flow(40);
    // The network that leaves only polling cuts each attempt to climb, and the page says so.
    if (stage.rung !== "poll") expectCalm(stage);
  },
};

const nodeKilled: ProxiedFault = {
  row: "15",
  name: "node-killed",
  title: "the nodes behind nginx are killed in turn; the page goes on with the other one",
  rungs: ["socket", "sse"],
  recoverMs: 5000,
  async run(stage, { nodes }) {
    stage.injected("kill -9, one node after the other");
    for (const node of nodes) {
      await node.kill9();
      await stage.flow(60);
      await node.start();
    }
    await stage.capture();
    stage.healed("both are back");
    await stage.flow(20);
  },
};

const roundRobin: ProxiedFault = {
  row: "21",
  name: "no-stickiness",
  title: "nginx leads each new connection to whichever node it likes",
  rungs: ALL,
  recoverMs: 5000,
  async run(stage, deployment) {
    const before = await framesOf(deployment);
    stage.injected("connections are cut again and again, and polls go to both nodes");
    const served = async () => (await framesOf(deployment)).map((count, i) => count > before[i]!);
    await expect(async () => {
      stage.network.cutOpen();
      await stage.flow(20);
      expect(await served()).toEqual([true, true]);
    }).toPass({ timeout: 60_000 });
    stage.proved("both nodes have sent it frames", true);
    await stage.capture();
    stage.healed("connections are left alone");
  },
};

for (const fault of [rollingRestart, nodeKilled, roundRobin])
  for (const rung of fault.rungs)
    test(
      `${fault.name} on ${rung}: row ${fault.row}, ${fault.title}`,
      { tag: fault.fast && rung === "socket" ? ["@fast"] : [] },
      async ({ page, context, browser, network, nowboard, produce, deployment }, testInfo) => {
        const parts = { page, context, browser, network, nowboard, produce };
        await play({ ...fault, run: (stage) => fault.run(stage, deployment) }, rung, parts, testInfo);
      },
    );
