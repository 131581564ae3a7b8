import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scrapeReader } from "@/lib/server/sources/http/prometheus";
import { samplesOf } from "@/lib/server/sources/http/prometheus-text";
import { answersOf } from "@/lib/server/sources/http/promql";
import { defineChannel } from "@/lib/shared/define-channel";

const web = defineChannel({
  ...{ kind: "record", name: "web", title: "Web", cadence: 1000, maxAge: 5000, filledBy: "source" },
  metrics: { requests: { title: "Requests", unit: "perSecond" }, open: { title: "Open", unit: "count" } },
});
const hosts = defineChannel({
  ...{ kind: "table", name: "hosts", title: "Hosts", cadence: 1000, maxAge: 5000, filledBy: "source" },
  key: "host",
  columns: { host: { title: "Host", type: "text" }, hits: { title: "Hits", type: "number" } },
});

describe("a metrics page", () => {
  const one = (line: string) => samplesOf(line, new Set([/^[\w:]*/.exec(line)![0]]))[0];

  it.each<[string, string, Record<string, string>, number]>([
    ["a 1", "a", {}, 1],
    ["a{} 1.5e3", "a", {}, 1500],
    ["a:b_c9  \t -2 ", "a:b_c9", {}, -2],
    ['a{x="1",y="b c"} 3 1712000000000', "a", { x: "1", y: "b c" }, 3],
    ['a { x = "1" , } 3 -17.5', "a", { x: "1" }, 3],
    ['a{p="C:\\\\n",q="\\"\\n}"}4', "a", { p: "C:\\n", q: '"\n}' }, 4],
    ['a_total{x="1"} 5 # {trace="7"} 0.5 1712000000.5', "a_total", { x: "1" }, 5],
    ["a +Inf", "a", {}, Number.POSITIVE_INFINITY],
    ["a -Inf", "a", {}, Number.NEGATIVE_INFINITY],
    ["a NaN", "a", {}, Number.NaN],
    ['a{constructor="x",__proto__="y"} 1', "a", JSON.parse('{"constructor":"x","__proto__":"y"}'), 1],
  ])("has samples such as %s", (line, name, labels, value) => {
    expect(one(line)).toMatchObject({ name, value });
    expect(one(line)!.labels).toEqual(labels);
  });

  it("may have comments, empty lines, ends of both kinds and an end mark", () => {
    const page = '# HELP a A. \n# TYPE a gauge\r\n\n#c\n  a{x="1"} 1\r\nab 2\n a{x="2"} 2\nb{ oops\n# EOF\n';
    expect(samplesOf(page, new Set(["a"])).map(({ value }) => value)).toEqual([1, 2]);
  });

  it.each([
    "a",
    "a 1x",
    'a{x="1} 2',
    "a{x=1} 2",
    'a{x="1"',
    "a{,} 1",
    "a constructor",
    'a{x="1"}',
    "a 1 two",
  ])("is refused for a wanted line that is wrong: %s", (line) =>
    expect(() => one(line)).toThrow("Not a metrics page: a line of a cannot be read"),
  );

  it.each(["<!doctype html>\n<p>a 1", '{"a": 1}', "ok", ""])("is not another text: %s", (text) => {
    expect(() => samplesOf(text, new Set(["a"]))).toThrow("Not a metrics page: ");
  });

  it("[S2] of a hostile server takes time in proportion to its size", () => {
    for (const part of [" ", "a", '"', "{", "\\", 'x="', ",", 'x="1",'])
      for (const start of ["a", "a{", 'a{x="', 'a{x="1"', "a 1"])
        expect(() => one(`${start}${part.repeat(1_000_000)}!`)).toThrow();
  });

  it("gives back any labels as they were", () => {
    const name = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]*$/);
    fc.assert(
      fc.property(fc.dictionary(name, fc.string({ unit: "binary" })), fc.double(), (labels, value) => {
        const written = Object.entries(labels).map(
          ([label, text]) =>
            `${label}="${text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"')}"`,
        );
        const text = Number.isFinite(value) || Number.isNaN(value) ? value : value > 0 ? "+Inf" : "-Inf";
        const sample = one(`m{${written.join(",")}} ${text}`)!;
        expect({ ...sample.labels }).toEqual({ ...labels });
        expect(sample.value + 0).toBe(value + 0);
      }),
    );
  });
});

describe("scrapes", () => {
  const read = (reader: ReturnType<typeof scrapeReader>, page: string, at: number) =>
    reader.of(reader.samples(page), at);

  it("are summed up over the series that fit", () => {
    const values = { open: { name: "open", where: { kind: "a", zone: "" } }, requests: "none" };
    const page = 'open{kind="a"} 2\nopen{kind="a",n="2"} 3\nopen{kind="b"} 9\nopen{kind="a",zone="z"} 9\n';
    expect(read(scrapeReader(web, { values }), page, 0)).toEqual({ open: 5, requests: null });
  });

  it("give a counter's growth a second from the second on, whatever it went through", () => {
    const reader = scrapeReader(web, { values: { requests: { name: "r", rate: true } } });
    const rateAt = (at: number, ...counts: (number | string)[]) =>
      (
        read(reader, `${counts.map((count, i) => `r{i="${i}"} ${count}\n`).join("")}up 1\n`, at) as {
          requests: number | null;
        }
      ).requests;
    expect(rateAt(1000, 100, 10)).toBeNull();
    expect(rateAt(3000, 110, 14)).toBe(7);
    expect(rateAt(3000, 120, 14), "no time went by").toBeNull();
    expect(rateAt(4000, 120, 3), "one began again").toBe(3);
    expect(rateAt(5000, 121, 3, 50), "a new one has no growth yet").toBe(1);
    expect(rateAt(6000, 121, 3, 52)).toBe(2);
    expect(rateAt(2000, 130, 3, 52), "the clock stepped back").toBeNull();
    expect(rateAt(4000, 134, 3, 52)).toBe(2);
    expect(rateAt(5000), "all are gone").toBeNull();
    expect(rateAt(6000, 200)).toBeNull();
  });

  it("make a row of each value of a label", () => {
    const reader = scrapeReader(hosts, { by: "host", values: { hits: "h" } });
    const page =
      'h{host="a",c="1"} 1\nh{host="a",c="2"} 2\nh{host="b"} 5\nh 9\nh{host=""} 9\nx{host="c"} 1\n';
    expect(read(reader, page, 0)).toEqual([
      { host: "a", hits: 3 },
      { host: "b", hits: 5 },
    ]);
  });

  it("are declared to fit their channel", () => {
    expect(() => scrapeReader(web, { by: "host", values: {} })).toThrow("this channel is a record");
    expect(() => scrapeReader(hosts, { values: {} })).toThrow("a table needs by");
  });
});

describe("a query's answer", () => {
  const data = (resultType: string, result: unknown) =>
    JSON.stringify({ status: "success", data: { resultType, result } });

  it("is a number or a number for each series", () => {
    expect(answersOf(data("scalar", [1, "2.5"]))).toEqual([{ labels: {}, value: 2.5 }]);
    const series = [
      { metric: { i: "a" }, value: [1, "1"] },
      { metric: {}, value: [1, "NaN"] },
    ];
    expect(answersOf(data("vector", series))).toEqual([
      { labels: { i: "a" }, value: 1 },
      { labels: {}, value: Number.NaN },
    ]);
  });

  it("of another kind is said in words", () => {
    expect(() => answersOf(data("matrix", []))).toThrow("gives a matrix, not the values of one moment");
    expect(() => answersOf(data("vector", [{ metric: {}, histogram: [1, {}] }]))).toThrow("histograms");
    for (const text of ["<html>", "{}", "null", data("vector", {}), data("scalar", ["1"])])
      expect(() => answersOf(text), text).toThrow("The answer is not one of Prometheus");
  });
});
