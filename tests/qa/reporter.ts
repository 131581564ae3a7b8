/** Collects what the scenarios attached and writes the report: `qa-report/index.html`, and rows to `QA_JSON`. */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { FullResult, Reporter, TestCase, TestResult } from "playwright/types/testReporter";
import { PLANNED } from "./planned";
import { type Report, renderReport } from "./report-html";
import { jsonRows, type Result, type ScenarioFacts } from "./results";

const FOLDER = resolve(process.env.QA_REPORT ?? "tests/qa/.report");

export default class QaReporter implements Reporter {
  private readonly results: Result[] = [];
  private readonly others: Report["others"][number][] = [];
  private readonly startedAt = Date.now();

  onBegin() {
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER, { recursive: true });
  }

  onTestEnd(test: TestCase, result: TestResult) {
    const attached = (name: string) => result.attachments.find((attachment) => attachment.name === name);
    const status =
      result.status === "passed" || result.status === "skipped" ? result.status : ("failed" as const);
    const errors = result.errors.map(({ message = "" }) => stripVTControlCharacters(message));
    const facts = attached("scenario")?.body;
    if (!facts) {
      this.others.push({ title: test.title, status, error: errors[0] });
      this.write("running");
      return;
    }
    const scenario = JSON.parse(facts.toString()) as ScenarioFacts;
    const name = `${scenario.fault}-${scenario.rung}`;
    this.results.push({
      ...scenario,
      status,
      durationMs: result.duration,
      errors,
      screenshot: this.keep(attached("worst moment"), `${name}.png`),
      trace: this.keep(attached("trace"), `${name}-trace.zip`),
    });
    this.write("running");
  }

  onEnd({ status }: FullResult) {
    this.write(status);
    process.stdout.write(`\nReport: ${relative(process.cwd(), join(FOLDER, "index.html"))}\n`);
  }

  printsToStdio() {
    return false;
  }

  /** After each scenario, so that a long run can be watched and a broken one has its report. */
  private write(status: FullResult["status"] | "running") {
    const order = new Map(this.results.map(({ fault }, i) => [fault, i] as const).reverse());
    const results = this.results.sort((a, b) => order.get(a.fault)! - order.get(b.fault)!);
    writeFileSync(
      join(FOLDER, "index.html"),
      renderReport({
        results,
        planned: PLANNED,
        others: this.others,
        isOver: status === "passed",
        startedAt: this.startedAt,
        endedAt: Date.now(),
      }),
    );
    const { QA_JSON } = process.env;
    if (QA_JSON) {
      const report = { status, scenarios: jsonRows(results), planned: PLANNED };
      writeFileSync(QA_JSON, `${JSON.stringify(report, null, 2)}\n`);
    }
  }

  private keep(attachment: TestResult["attachments"][number] | undefined, name: string): string | undefined {
    if (!attachment) return undefined;
    if (attachment.path) copyFileSync(attachment.path, join(FOLDER, name));
    else if (attachment.body) writeFileSync(join(FOLDER, name), attachment.body);
    return name;
  }
}
