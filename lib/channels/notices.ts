import { defineChannel } from "@/lib/shared/define-channel";

const DAY_MS = 24 * 60 * 60_000;

/** What a notice's `level` may be; each has an icon and a word on the screen. */
export type NoticeLevel = "good" | "attention" | "bad" | "info";

/** Things worth telling, from producers through `/api/ingest/notices` and from the server itself. */
export const notices = defineChannel({
  kind: "feed",
  name: "notices",
  title: "Notices",
  cadence: 5000,
  // Nobody promises bad news: silence never makes this feed look old.
  maxAge: 365 * DAY_MS,
  filledBy: "ingest",
  keep: 20,
  fields: {
    level: { title: "Level", type: "text", example: "info" },
    title: { title: "Title", type: "text", example: "Stock is low" },
    text: { title: "Text", type: "text", example: "Fewer than ten desk lamps are left." },
  },
});
