import { expect, it } from "vitest";
import { Reach } from "@/lib/server/hub/reach";

/** Answers that are given by hand, in the order of the questions. */
function asked() {
  const answers: ((head: string) => void)[] = [];
  let head = "10-0";
  const reach = new Reach(
    () => new Promise((resolve) => answers.push(resolve)),
    () => head,
    () => {},
  );
  const moveTo = (id: string) => {
    head = id;
    reach.moved();
  };
  return { reach, answers, moveTo };
}

it("[L5] calls no cursor gone by an answer to a question that is older than the cursor may be", async () => {
  const { reach, answers, moveTo } = asked();
  const first = reach.until("11-0");
  // By the time that this one comes, another node has handed out 12, and the question under way is from before.
  const second = reach.until("12-0");
  answers[0]!("11-0");
  await Promise.resolve();
  moveTo("11-0");
  expect(await first).toBe(true);
  await expect.poll(() => answers.length).toBe(2);
  answers[1]!("12-0");
  moveTo("12-0");
  expect(await second).toBe(true);
});

it("[L5] calls a cursor gone that the log itself does not reach, however often it is asked", async () => {
  const { reach, answers } = asked();
  const gone = reach.until("99-0");
  answers[0]!("10-0");
  expect(await gone).toBe(false);
});
