import { ANNOTATION_KINDS, ANNOTATIONS } from "@/lib/shared/annotations";
import { defineChannel } from "@/lib/shared/define-channel";

const DAY_MS = 24 * 60 * 60_000;

/**
 * What happened when: deploys, notes and incidents, from producers through `/api/ingest/annotations` and by hand on a
 * page. They are drawn on every chart, and kept in the archive. `ts` is when it happened, which may be long ago.
 */
export const annotations = defineChannel({
  kind: "feed",
  name: ANNOTATIONS,
  title: "Annotations",
  cadence: 5000,
  // Nobody promises deploys: silence never makes this feed look old.
  maxAge: 365 * DAY_MS,
  filledBy: "ingest",
  keep: 50,
  fields: {
    kind: { title: "Kind", type: "text", required: true, oneOf: ANNOTATION_KINDS },
    title: { title: "Title", type: "text", required: true, maxLength: 80, example: "v1.42" },
    text: { title: "Text", type: "text", example: "The new checkout" },
    until: { title: "Until", type: "time", endsWithin: 366 * DAY_MS },
    by: { title: "By", type: "text", maxLength: 60, example: "deploy.sh" },
  },
});
