import { expect, it } from "vitest";
import { renderReport } from "../qa/report-html";
import { jsonRows, type Result } from "../qa/results";

const T = Date.UTC(2026, 0, 1, 12);

const result = (change: Partial<Result>): Result => ({
  fault: "offline",
  row: "1",
  title: "the device goes offline",
  rung: "socket",
  status: "passed",
  durationMs: 12_000,
  errors: [],
  verdict: {
    expected: 120,
    shown: 120,
    missing: 0,
    doubled: 0,
    disordered: 0,
    dishonest: [],
    noticeMs: 150,
    recoverMs: 400,
  },
  timeline: [
    { at: T, what: "page: Live · WebSocket" },
    { at: T + 1000, what: "fault: offline" },
    { at: T + 1150, what: "page: Offline" },
    { at: T + 5000, what: "healed: online" },
  ],
  ...change,
});

const planned = [{ row: "13", fault: "away for long", waitsFor: "history" }];
const render = (results: Result[]) =>
  renderReport({ results, planned, others: [], isOver: true, startedAt: T, endedAt: T + 60_000 });

it("shows each scenario in the matrix and as a story with relative times", () => {
  const html = render([result({}), result({ rung: "sse", status: "failed", errors: ["too late"] })]);
  expect(html).toContain("<title>Nowboard QA: 1 failed</title>");
  expect(html).toContain('<td class="passed"><a href="#offline-socket">✓ passed</a>');
  expect(html).toContain('<td class="failed"><a href="#offline-sse">✗ failed</a>');
  expect(html).toContain("noticed 0.1 s, back 0.4 s");
  expect(html).toContain("<td>1.15 s</td><td>page: Offline</td>");
  expect(html).toContain("<pre>too late</pre>");
});

it("lists what is planned as planned, and counts it nowhere", () => {
  const html = render([result({})]);
  expect(html).toContain("<title>Nowboard QA: all passed</title>");
  expect(html).toContain("<dt>scenarios</dt><dd>1</dd>");
  expect(html).toContain("<td>13</td><td>away for long</td><td>history</td>");
});

it("counts what failed before its scenario began, and claims nothing before the end", () => {
  const base = { results: [result({})], planned, startedAt: T, endedAt: T + 60_000 };
  const others = [{ title: "no server", status: "failed" as const, error: "it did not start" }];
  const html = renderReport({ ...base, others, isOver: true });
  expect(html).toContain("<title>Nowboard QA: 1 failed</title>");
  expect(html).toContain("<pre>it did not start</pre>");
  const running = renderReport({ ...base, others: [], isOver: false });
  expect(running).toContain("<title>Nowboard QA: none failed so far</title>");
});

it("says when and for how long a page lied", () => {
  const { verdict } = result({});
  const lie = { at: T + 2000, forMs: 3000, behindMs: 6000 };
  const html = render([result({ status: "failed", verdict: { ...verdict, dishonest: [lie] } })]);
  expect(html).toContain("At 2.00 s it said live for 3.0 s while 6.0 s behind.");
  expect(jsonRows([result({ verdict: { ...verdict, dishonest: [lie] } })])).toEqual([
    expect.objectContaining({
      fault: "offline",
      rung: "socket",
      status: "passed",
      dishonest: 1,
      noticeMs: 150,
    }),
  ]);
});

it("shows what a page or an error says as text", () => {
  const hostile = "<img src=x onerror=alert(1)>";
  const html = render([result({ errors: [hostile], timeline: [{ at: T, what: `page: “${hostile}”` }] })]);
  expect(html).not.toContain("<img");
  expect(html).toContain("&lt;img src=x onerror=alert(1)&gt;");
});
