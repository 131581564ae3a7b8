import { expect, it } from "vitest";
import { CODES, type Code, CodedError, codeOf, toProblem } from "@/lib/shared/codes";

const names = Object.keys(CODES) as Code[];

it.each(names)("[T6] %s is an error with a sentence, and says whether to retry", (code) => {
  const { status, title, retry } = CODES[code];
  expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(600);
  expect(title).toMatch(/^[A-Z].{5,}[^.]$/);
  // A client treats a code that it does not know by its status, so the two agree.
  expect(retry).toBe(status >= 500 || status === 408 || status === 429);
});

it("[T6] makes a problem document of a coded error", () => {
  const error = new CodedError("invalid_field", "a: must be a number", { field: "a", index: 3 });
  expect(toProblem(error)).toEqual({
    type: "about:blank",
    title: "A field does not fit the channel",
    status: 422,
    code: "invalid_field",
    detail: "a: must be a number",
    field: "a",
    index: 3,
  });
  expect(toProblem(new CodedError("log_busy", undefined, { retryAfter: 2 }))).toMatchObject({
    status: 503,
    code: "log_busy",
    retryAfter: 2,
  });
});

it("[T6] tells errors apart by their code, so that another instance of the module's are known", () => {
  const foreign = Object.assign(new Error("of another bundle"), { code: "log_busy", extras: {} });
  expect(codeOf(foreign)).toBe("log_busy");
  expect(toProblem(foreign)).toMatchObject({ code: "log_busy", status: 503, detail: "of another bundle" });
});

it.each([
  ["a string", "password=hunter2"],
  ["a plain error", new Error("connect to postgres://user:hunter2@db failed")],
  ["Node's own code", Object.assign(new Error("hunter2"), { code: "ENOENT" })],
  ["a code that is inherited", Object.assign(new Error("hunter2"), { code: "toString" })],
  ["our own code for the unknown", new CodedError("internal", "hunter2")],
  ["nothing", undefined],
  ["null", null],
])("[T6] tells no secrets of what is not ours: %s", (_, thrown) => {
  const problem = toProblem(thrown);
  expect(problem).toEqual({
    type: "about:blank",
    title: "Something went wrong on the server",
    status: 500,
    code: "internal",
  });
});

it("[T6] keeps the cause out of the answer", () => {
  const error = new CodedError("invalid_json", "not JSON", { cause: new Error("secret"), field: "body" });
  expect(error.cause).toMatchObject({ message: "secret" });
  expect(JSON.stringify(toProblem(error))).not.toContain("secret");
});
