import { expect, it } from "vitest";
import { gather } from "@/lib/server/sources/gather";
import { MAX_BATCH } from "@/lib/server/sources/stream";
import type { Message } from "@/lib/shared/sources/options";

/** What is handed on waits until the test lets it go. */
function lab() {
  const taken: Message[][] = [];
  const lab = { taken, left: 0, go: () => {}, fail: (_: Error) => {} };
  const gathered = gather({
    take: (messages) => {
      taken.push([...messages]);
      return new Promise<void>((resolve, reject) => Object.assign(lab, { go: resolve, fail: reject }));
    },
    leftOut: (messages) => {
      lab.left += messages;
    },
  });
  return { ...gathered, lab };
}

async function letAllGo(lab: { taken: Message[][]; go(): void }): Promise<void> {
  for (let before = -1; before !== lab.taken.length; ) {
    before = lab.taken.length;
    lab.go();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

it("hands on what comes in order and in batches, parsed where it is JSON", async () => {
  const { push, lab: of } = lab();
  push('{"n":1}', "a");
  push("no JSON", "b");
  for (let n = 0; n < MAX_BATCH; n++) push(String(n), "c");
  await letAllGo(of);
  expect(of.taken.map(({ length }) => length)).toEqual([1, MAX_BATCH, 1]);
  expect(of.taken.flat().slice(0, 3)).toEqual([
    { value: { n: 1 }, topic: "a" },
    { value: "no JSON", topic: "b" },
    { value: 0, topic: "c" },
  ]);
  expect(of.left).toBe(0);
});

// To move all that wait for each that is left out would take minutes.
it("[S2] leaves out the oldest when more come than may wait, and counts them", async () => {
  const { push, lab: of } = lab();
  const sent = 500_000;
  for (let n = 0; n < sent; n++) push(String(n), "c");
  await letAllGo(of);
  const values = of.taken.flat().map(({ value }) => value);
  // The first was on its way.
  expect(values).toHaveLength(10_001);
  expect(values.slice(0, 2)).toEqual([0, sent - 10_000]);
  expect(values.at(-1)).toBe(sent - 1);
  expect(of.left).toBe(sent - values.length);
}, 20_000);

it("[S2] keeps no more characters than it may, however large the messages are", async () => {
  const { push, lab: of } = lab();
  const megabyte = "x".repeat(1_048_576);
  for (let n = 0; n < 40; n++) push(megabyte, String(n));
  push("x".repeat(16_777_217), "too large");
  await letAllGo(of);
  const topics = of.taken.flat().map(({ topic }) => topic);
  expect(topics).toEqual(["0", ...Array.from({ length: 16 }, (_, i) => String(24 + i))]);
  expect(of.left).toBe(24);
});

it("ends with what it is handed on to", async () => {
  const { push, over, lab: of } = lab();
  push("1", "a");
  of.fail(new Error("stopping"));
  await expect(over).rejects.toThrow("stopping");
});
