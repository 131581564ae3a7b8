/** The report as one HTML page: the matrix first, then each scenario's story. Pure. */
import { RUNGS } from "@/lib/client/ladder-state";
import type { PLANNED } from "./planned";
import type { Result } from "./results";
import type { Event } from "./stage";

export interface Report {
  results: readonly Result[];
  planned: typeof PLANNED;
  /** Tests that are no scenarios, failed before theirs began, or were skipped. */
  others: readonly { title: string; status: Result["status"]; error?: string }[];
  isOver: boolean;
  /** ms */
  startedAt: number;
  endedAt: number;
}

const MARKS = { passed: "✓ passed", failed: "✗ failed", skipped: "– skipped" } as const;

export function renderReport({ results, planned, others, isOver, startedAt, endedAt }: Report): string {
  const failed = [...results, ...others].filter(({ status }) => status === "failed").length;
  const outcome = failed > 0 ? `${failed} failed` : isOver ? "all passed" : "none failed so far";
  const minutes = ((endedAt - startedAt) / 60_000).toFixed(1);
  const sum = (figure: "expected" | "missing" | "doubled" | "disordered") =>
    results.reduce((total, { verdict }) => total + verdict[figure], 0);
  const lies = results.reduce((total, { verdict }) => total + verdict.dishonest.length, 0);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Nowboard QA: ${outcome}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Nowboard QA</h1>
<p class="soft">${html(new Date(startedAt).toISOString())}, ${minutes} min</p>
<dl class="numbers">
${number("scenarios", results.length)}
${number("failed", failed, failed > 0)}
${number("updates expected", sum("expected"))}
${number("missing", sum("missing"), sum("missing") > 0)}
${number("doubled", sum("doubled"), sum("doubled") > 0)}
${number("out of order", sum("disordered"), sum("disordered") > 0)}
${number("said live while it was not", lies, lies > 0)}
</dl>
${matrix(results)}
<h2>Planned</h2>
<p class="soft">Not run, and not passed: what they test is not built yet.</p>
<table><thead><tr><th>row</th><th>fault</th><th>waits for</th></tr></thead><tbody>
${planned.map(({ row, fault, waitsFor }) => `<tr><td>${row}</td><td>${html(fault)}</td><td>${html(waitsFor)}</td></tr>`).join("\n")}
</tbody></table>
${others.length > 0 ? `<h2>Other tests</h2>\n${others.map(other).join("\n")}` : ""}
<h2>Scenarios</h2>
${results.map(story).join("\n")}
</body>
</html>
`;
}

function number(title: string, value: number, isBad = false): string {
  return `<div${isBad ? ' class="bad"' : ""}><dt>${title}</dt><dd>${value}</dd></div>`;
}

function matrix(results: readonly Result[]): string {
  const faults = [...new Map(results.map((result) => [result.fault, result])).values()];
  const cell = (fault: string, rung: string) => {
    const result = results.find((one) => one.fault === fault && one.rung === rung);
    if (!result) return "<td></td>";
    const { status, verdict } = result;
    const times = [
      verdict.noticeMs === null ? "" : `noticed ${seconds(verdict.noticeMs)}`,
      verdict.recoverMs === null ? "" : `back ${seconds(verdict.recoverMs)}`,
    ].filter(Boolean);
    return `<td class="${status}"><a href="#${id(result)}">${MARKS[status]}</a><br><small>${times.join(", ")}</small></td>`;
  };
  return `<table><thead><tr><th>row</th><th>fault</th>${RUNGS.map((rung) => `<th>${rung}</th>`).join("")}</tr></thead><tbody>
${faults
  .map(
    ({ fault, row, title }) =>
      `<tr><td>${row}</td><th scope="row">${html(fault)}<br><small>${html(title)}</small></th>${RUNGS.map((rung) => cell(fault, rung)).join("")}</tr>`,
  )
  .join("\n")}
</tbody></table>`;
}

function story(result: Result): string {
  const { fault, row, rung, title, status, verdict, timeline, durationMs, errors, screenshot, trace } =
    result;
  const start = timeline[0]?.at ?? 0;
  const facts: [string, string][] = [
    ["time to notice", verdict.noticeMs === null ? "not noticed" : seconds(verdict.noticeMs)],
    ["time to recover", verdict.recoverMs === null ? "–" : seconds(verdict.recoverMs)],
    ["updates expected", String(verdict.expected)],
    ["shown", String(verdict.shown)],
    ["missing", String(verdict.missing)],
    ["doubled", String(verdict.doubled)],
    ["out of order", String(verdict.disordered)],
    ["live while it was not", String(verdict.dishonest.length)],
    ["took", seconds(durationMs)],
  ];
  return `<details id="${id(result)}"${status === "failed" ? " open" : ""}>
<summary><span class="${status}">${MARKS[status]}</span> row ${row}: ${html(fault)} on ${rung} <small>${html(title)}</small></summary>
<div class="story">
<div>
<dl class="facts">${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join("")}</dl>
${strip(timeline)}
<table class="timeline"><tbody>
${timeline.map(({ at, what }) => `<tr class="${kind(what)}"><td>${((at - start) / 1000).toFixed(2)} s</td><td>${html(what)}</td></tr>`).join("\n")}
</tbody></table>
${verdict.dishonest.map(({ at, forMs, behindMs }) => `<p class="bad">At ${((at - start) / 1000).toFixed(2)} s it said live for ${seconds(forMs)} while ${seconds(behindMs)} behind.</p>`).join("")}
${errors.map((error) => `<pre>${html(error)}</pre>`).join("")}
${trace ? `<p><a href="${trace}">Playwright trace</a>: <code>npx playwright show-trace qa-report/${trace}</code></p>` : ""}
</div>
${screenshot ? `<a href="${screenshot}"><img src="${screenshot}" alt="The page at its worst moment" loading="lazy"></a>` : ""}
</div>
</details>`;
}

function other({ title, status, error }: Report["others"][number]): string {
  return `<p><span class="${status}">${MARKS[status]}</span> ${html(title)}</p>${error ? `<pre>${html(error)}</pre>` : ""}`;
}

/** What the page said, as a strip along the time, with the fault's beginning and end. */
function strip(timeline: readonly Event[]): string {
  const start = timeline[0]?.at ?? 0;
  const length = Math.max(1, (timeline.at(-1)?.at ?? 0) - start);
  const x = (at: number) => (((at - start) / length) * 100).toFixed(2);
  const said = timeline.filter(({ what }) =>
    /^page: (Live|Connecting|Catching|Delayed|Reconnecting|Offline)/.test(what),
  );
  const bars = said.map(({ at, what }, i) => {
    const word = /^page: (\w+)/.exec(what)![1]!.toLowerCase();
    const end = said[i + 1]?.at ?? start + length;
    return `<rect class="${word}" x="${x(at)}%" y="6" height="12" width="${(((end - at) / length) * 100).toFixed(2)}%"><title>${html(what)}</title></rect>`;
  });
  const marks = timeline
    .filter(({ what }) => /^(fault|healed): /.test(what))
    .map(
      ({ at, what }) =>
        `<line x1="${x(at)}%" x2="${x(at)}%" y1="0" y2="24"><title>${html(what)}</title></line>`,
    );
  return `<svg class="strip" height="24" width="100%" role="img" aria-label="What the page said over time">${bars.join("")}${marks.join("")}</svg>
<p class="key"><i class="live"></i>live <i class="catching"></i>connecting, catching up <i class="delayed"></i>delayed <i class="reconnecting"></i>reconnecting <i class="offline"></i>offline; lines: fault and its end</p>`;
}

function kind(what: string): string {
  return /^\w+(?=:)/.exec(what)?.[0] ?? "note";
}

function id({ fault, rung }: Result): string {
  return `${fault}-${rung}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function html(text: string): string {
  return text.replace(/[&<>"]/g, (char) => ESCAPES[char]!);
}

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#ddd, #444); --soft: light-dark(#666, #aaa); --good: light-dark(#1a7f4b, #5cc48f); --bad: light-dark(#b3261e, #f28b82); --attention: light-dark(#b26a00, #e8b04a); --quiet: light-dark(#8aa4c8, #6d87ab); }
body { font: 14px/1.5 system-ui, sans-serif; margin: 32px auto; max-width: 1360px; padding: 0 24px; font-variant-numeric: tabular-nums; }
h1 { font-size: 28px; margin: 0; } h2 { font-size: 20px; margin: 32px 0 8px; }
small, .soft, .key, dt { color: var(--soft); } small { font-size: 12px; }
.numbers, .facts { display: flex; flex-wrap: wrap; gap: 8px 32px; margin: 24px 0; } .facts { margin: 8px 0 16px; gap: 4px 24px; }
.numbers dd { font-size: 28px; font-weight: 600; margin: 0; } .facts dd { margin: 0; font-weight: 600; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: 6px 12px 6px 0; border-top: 1px solid var(--line); font-weight: normal; }
thead th { border: 0; color: var(--soft); } a { color: inherit; }
.passed, .passed a { color: var(--good); } .failed, .failed a, .bad { color: var(--bad); font-weight: 600; } .skipped { color: var(--soft); } td small { color: var(--soft); font-weight: normal; }
details { border-top: 1px solid var(--line); } summary { padding: 10px 0; cursor: pointer; }
.story { display: grid; grid-template-columns: minmax(0, 1fr) 480px; gap: 24px; padding: 0 0 24px; } .story img { width: 100%; border: 1px solid var(--line); border-radius: 8px; }
@media (max-width: 1000px) { .story { grid-template-columns: minmax(0, 1fr); } }
.timeline td:first-child { width: 80px; text-align: right; } .timeline .fault td, .timeline .healed td { font-weight: 600; } .timeline .proof td { color: var(--soft); }
pre { white-space: pre-wrap; background: color-mix(in srgb, currentColor 6%, transparent); padding: 12px; border-radius: 8px; font-size: 12px; }
.strip { display: block; margin: 8px 0 0; } .strip line { stroke: currentColor; stroke-width: 2; }
.live { fill: var(--good); background: var(--good); } .catching, .connecting { fill: var(--quiet); background: var(--quiet); } .delayed, .reconnecting { fill: var(--attention); background: var(--attention); } .offline { fill: var(--bad); background: var(--bad); }
.key { font-size: 12px; margin: 4px 0 16px; } .key i { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin: 0 4px 0 12px; }
`;
