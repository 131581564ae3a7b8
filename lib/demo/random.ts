/** Gives numbers in [0, 1), the same ones for the same parts. */
export type Random = () => number;

/**
 * A generator for one place in the simulation, named by whole numbers (seed, day, second …). As nothing is
 * carried over from place to place, a day comes out the same whatever steps it is simulated in.
 */
export function randomAt(...parts: number[]): Random {
  let state = 0;
  for (const part of parts) state = scramble(state ^ scramble(part | 0));
  return () => {
    // An odd step visits all 2^32 states; the step is 2^32 divided by the golden ratio.
    state = (state + 0x9e3779b9) | 0;
    return (scramble(state) >>> 0) / 2 ** 32;
  };
}

/** Spreads each bit of a 32-bit number over all of them (the finalizer of MurmurHash3). */
function scramble(value: number): number {
  let x = value;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

/** How many independent events happen where `mean` are expected. */
export function poisson(random: Random, mean: number): number {
  if (mean > 30) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
  }
  // Events follow each other at exponential distances: count how many fit.
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count += 1;
  return count;
}

/** One of `choices`, each as likely as its `weight` says. */
export function pick<T extends { weight: number }>(random: Random, choices: readonly T[]): T {
  let left = random() * choices.reduce((sum, { weight }) => sum + weight, 0);
  for (const choice of choices) {
    left -= choice.weight;
    if (left < 0) return choice;
  }
  return choices.at(-1)!;
}

/** One of `choices`, all equally likely. */
export function oneOf<T>(random: Random, choices: readonly T[]): T {
  return choices[Math.floor(random() * choices.length)]!;
}
