/** `npm run qa -- --page NAME`: what breaks connections, on one page, whatever it shows. */
import { test } from "@/tests/support/fixtures";
import { watchPage } from "@/tests/support/witness";
import { FAULTS } from "./faults";
import { fixedRung } from "./page-names";
import { subjectOf } from "./page-subject";
import { play } from "./play";

/** Those of the matrix that need nothing of the page. */
const RECONNECTION = new Set(
  `offline sleep hidden address-change half-open websocket-mute websocket-refuse websocket-notFound websocket-lost
  sse-buffered sse-compressed held-cut captive-portal bfcache back kill-9 stalled-server frame-drop frame-repeat`.split(
    /\s+/,
  ),
);

/** Where frames are rare, a lost one shows with the next beat, which may come this long after the first was lost, ms. */
const LOST_MS = 20_000;

const path = process.env.QA_PAGE;
const only = path && fixedRung(path);
if (path)
  for (const fault of FAULTS.filter(({ name }) => RECONNECTION.has(name)))
    for (const rung of fault.rungs.filter((one) => !only || only === one)) {
      const isFast = fault.fast && (rung === "socket" || rung === only);
      test(
        `${fault.name} on ${rung} of ${path}: row ${fault.row}, ${fault.title}`,
        { tag: isFast ? ["@fast"] : [] },
        async ({ context, browser, network, nowboard, produce }, testInfo) => {
          test.skip(Boolean(fault.needsOwnServer) && !nowboard.isOwn, "needs a server of the test's own");
          const subject = await subjectOf(`${nowboard.url}${path}`);
          const page = await context.newPage();
          await watchPage(page, subject?.figure?.testId);
          const parts = { page, context, browser, network, nowboard, produce, subject };
          const graceMs = fault.name === "frame-drop" ? LOST_MS : undefined;
          await play({ ...fault, path, graceMs }, rung, parts, testInfo);
        },
      );
    }
