import { expect, it } from "vitest";
import { type Ask, outcomeWords } from "@/components/ops/ops-words";

const disconnect: Ask = { kind: "disconnect", what: "/business over SSE" };
const drain: Ask = { kind: "drain", what: "abcdefgh" };
const refused = (code: string) => ({ code, title: "The server is stopping" });

it("an operator is told what became of a request", () => {
  expect(outcomeWords(disconnect, "done")).toBe("Disconnected /business over SSE. It comes back by itself.");
  expect(outcomeWords(drain, "done")).toMatch(/^abcdefgh drains/);
  expect(outcomeWords(disconnect, refused("not_found"))).toBe("/business over SSE is gone already.");
  expect(outcomeWords(drain, refused("not_found"))).toBe("abcdefgh is not there any more.");
  expect(outcomeWords(drain, refused("last_node"))).toMatch(/nowhere to go/);
  expect(outcomeWords(drain, refused("stopping"))).toBe("That did not work: The server is stopping.");
});

it("an operator is not told that it was done, or not, when nobody knows", () => {
  for (const answer of ["no-answer", refused("node_silent")] as const)
    expect(outcomeWords(disconnect, answer)).toMatch(/the rows will show it\.$/);
  expect(outcomeWords(disconnect, refused("cluster_unavailable"))).toMatch(/Redis is out of reach/);
});
