import { test } from "@/tests/support/fixtures";
import { FAULTS } from "./faults";
import { play } from "./play";

for (const fault of FAULTS)
  for (const rung of fault.rungs) {
    const isFast = fault.fast && (rung === "socket" || rung === "sse");
    test(
      `${fault.name} on ${rung}: row ${fault.row}, ${fault.title}`,
      { tag: isFast ? ["@fast"] : [] },
      async ({ page, context, browser, network, nowboard, produce }, testInfo) => {
        test.skip(Boolean(fault.needsOwnServer) && !nowboard.isOwn, "needs a server of the test's own");
        await play(fault, rung, { page, context, browser, network, nowboard, produce }, testInfo);
      },
    );
  }
