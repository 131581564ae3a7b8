import { CircleCheck, Info, type LucideIcon, OctagonAlert, TriangleAlert } from "lucide-react";
import type { Cell } from "@/lib/shared/define-channel";
import type { FeedItem } from "@/lib/shared/state";

export interface NoticeLook {
  /** How much it matters; the most urgent notice speaks for several. */
  urgency: number;
  word: string;
  icon: LucideIcon;
  colour: string;
}

const INFO: NoticeLook = { urgency: 0, word: "Info", icon: Info, colour: "text-accent" };
const LOOKS: Record<string, NoticeLook> = {
  good: { urgency: 1, word: "Good news", icon: CircleCheck, colour: "text-good" },
  attention: { urgency: 2, word: "Attention", icon: TriangleAlert, colour: "text-attention" },
  bad: { urgency: 3, word: "Bad news", icon: OctagonAlert, colour: "text-bad" },
};

/** How a notice's level is shown; a level that is not known is information. */
export function noticeLook(level: Cell | undefined): NoticeLook {
  return typeof level === "string" && Object.hasOwn(LOOKS, level) ? LOOKS[level]! : INFO;
}

/** The notices that came after the one with this key; all of them when it has left the feed. */
export function noticesAfter(items: readonly FeedItem[], key: string | undefined): readonly FeedItem[] {
  return items.slice(items.findIndex((item) => item.key === key) + 1);
}

/** Title and text of a notice that may lack either. */
export function noticeTexts({ item }: FeedItem): { title: string; text: string } {
  const [title, text] = [item.title, item.text].map((cell) => (cell ? String(cell) : ""));
  return title ? { title, text: text ?? "" } : { title: text || "Notice", text: "" };
}

/** Which of several notices is shown: of the most urgent ones the newest. */
export function headline(notices: readonly FeedItem[]): FeedItem | undefined {
  const urgencies = notices.map(({ item }) => noticeLook(item.level).urgency);
  return notices[urgencies.lastIndexOf(Math.max(...urgencies))];
}
