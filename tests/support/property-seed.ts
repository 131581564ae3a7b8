/**
 * Property tests draw the same cases in every run, so that what the tests say of a commit depends on the commit
 * alone. `SEED=random npx vitest run` draws new ones, to look for what nobody has met yet; `SEED=…` with the number
 * that a failure prints draws that failure's again.
 */
import fc from "fast-check";

const given = process.env.SEED ?? "1";
const seed = given === "random" ? undefined : Number(given);
if (seed !== undefined && !Number.isInteger(seed))
  throw new Error(`SEED is a whole number or "random", not "${given}"`);

fc.configureGlobal({ seed });
