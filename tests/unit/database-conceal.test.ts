import { expect, it } from "vitest";
import { concealer } from "@/lib/server/database/conceal";

it("takes an address and its password out of a text, however they are written", () => {
  const url = "postgres://someone:p%40ss%2Fword@db.internal:5432/nowboard";
  const conceal = concealer(url);
  expect(conceal(`cannot parse ${url}`)).toBe("cannot parse …");
  expect(conceal("tried p%40ss%2Fword, that is p@ss/word")).toBe("tried …, that is …");
  expect(conceal("connect ECONNREFUSED 10.0.0.7:5432")).toBe("connect ECONNREFUSED 10.0.0.7:5432");
});

it("leaves a text alone where there is no password, and takes one that is no escape as it is", () => {
  expect(concealer("postgres://db.internal/nowboard")("role is missing")).toBe("role is missing");
  expect(concealer("postgres://a:100%25%@db/x")("it was 100%25%")).toBe("it was …");
  expect(concealer(undefined)("disk I/O error")).toBe("disk I/O error");
});
