import { expect, it } from "vitest";
import { createNameLookup } from "@/lib/server/sources/http/name-lookup";

it("[S2] silent name servers hold two lookups at a time, and each name one for all who ask", async () => {
  const asked: { name: string; end: (error?: Error) => void }[] = [];
  const lookUp = createNameLookup(
    (name) =>
      new Promise((resolve, reject) => {
        const end = (error?: Error) => (error ? reject(error) : resolve([{ address: name, family: 4 }]));
        asked.push({ name, end });
      }),
  );
  const found = ["a", "b", "c", "a", "d", "c"].map((name) =>
    lookUp(name).then(
      ([first]) => first!.address,
      (error: Error) => error.message,
    ),
  );
  const names = () => asked.map(({ name }) => name);
  await new Promise(setImmediate);
  expect(names()).toEqual(["a", "b"]);
  asked[0]!.end(new Error("silent"));
  await new Promise(setImmediate);
  expect(names()).toEqual(["a", "b", "c"]);
  for (const { end } of asked) end();
  await new Promise(setImmediate);
  asked.at(-1)!.end();
  expect(await Promise.all(found)).toEqual(["silent", "b", "c", "silent", "d", "c"]);
  // Nothing is kept: the name may have moved.
  void lookUp("a");
  await new Promise(setImmediate);
  expect(names()).toEqual(["a", "b", "c", "d", "a"]);
});
