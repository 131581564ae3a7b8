import { CircleCheck, CircleDashed, CirclePause, type LucideIcon, OctagonAlert } from "lucide-react";
import type { Cell, Row } from "@/lib/shared/define-channel";
import { formatAge } from "@/lib/shared/format";

interface StateLook {
  icon: LucideIcon;
  colour: string;
}

const UNKNOWN: StateLook = { icon: CircleDashed, colour: "text-soft" };
/** By the word that stands beside it. The words in order of the alphabet are those who need somebody first. */
const LOOKS: Record<string, StateLook> = {
  Fails: { icon: OctagonAlert, colour: "text-bad" },
  Off: { icon: CirclePause, colour: "text-attention" },
  Starting: UNKNOWN,
  Works: { icon: CircleCheck, colour: "text-good" },
};

/** The icon and the colour of a source's state. */
export function stateLook(state: Cell | undefined): StateLook {
  return typeof state === "string" && Object.hasOwn(LOOKS, state) ? LOOKS[state]! : UNKNOWN;
}

/** How all sources are, in one line, and the state whose look that line has. */
export function summaryOf(rows: readonly Row[]): { text: string; state: string } {
  const count = (state: string) => rows.filter((row) => row.state === state).length;
  const [failing, off, starting] = [count("Fails"), count("Off"), count("Starting")];
  const all = rows.length;
  const sources = all === 1 ? "source" : "sources";
  const others = [
    off > 0 && `${off} ${off === 1 ? "is" : "are"} off`,
    starting > 0 && `${starting} starting`,
  ];
  if (failing === 0 && off === 0 && starting === 0)
    return { text: all === 1 ? "1 source, and it works" : `${all} sources, all work`, state: "Works" };
  const parts = others.filter(Boolean);
  if (failing > 0)
    return {
      text: [`${failing} of ${all} ${sources} ${failing === 1 ? "fails" : "fail"}`, ...parts].join(", "),
      state: "Fails",
    };
  return {
    text: `${all} ${sources}: ${[...parts, ...restWorks(all - off - starting)].join(", ")}`,
    state: off > 0 ? "Off" : "Starting",
  };
}

function restWorks(working: number): string[] {
  if (working === 0) return [];
  return [working === 1 ? "1 works" : `${working} work`];
}

/** How long ago a time was (both ms), as calm as that can be said. */
export function agoWords(at: number, now: number): string {
  return now - at <= 3000 ? "just now" : `${formatAge(now - at)} ago`;
}

/** How soon a time comes (both ms). */
export function untilWords(at: number, now: number): string {
  return at <= now ? "now" : `in ${formatAge(Math.ceil((at - now) / 1000) * 1000)}`;
}

/** What came of asking a source for news, by its row as it was and as it is; `undefined`: nothing yet. */
export function testWords(before: Row, row: Row | undefined): string | undefined {
  const title = String(before.title);
  if (!row) return `${title} has no source any more.`;
  const reason = row.reason ? `: ${row.reason}` : "";
  if (row.state === "Off") return `${title} is off${reason}.`;
  if (row.state === "Fails" && (before.state !== "Fails" || row.failures !== before.failures))
    return `${title} ${before.state === "Fails" ? "still fails" : "fails"}${reason}.`;
  if (row.state === "Works" && row.lastSuccess !== before.lastSuccess)
    return `${title} works${before.state === "Works" ? "" : " again"}.`;
  return undefined;
}

/** When nothing came of it in the time that a try may take. */
export function silentWords(row: Row): string {
  return row.state === "Works"
    ? `Nothing new from ${row.title} meanwhile, and nothing wrong either.`
    : `No answer from ${row.title} yet. Its row will show it.`;
}
