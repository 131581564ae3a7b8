import { randomInt } from "node:crypto";

/** A log's random name (L4). */
export function newEpoch(): string {
  const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
  return Array.from({ length: 12 }, () => alphabet[randomInt(alphabet.length)]).join("");
}
