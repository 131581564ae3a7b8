import { parseArgs } from "node:util";
import type { KeyStore } from "./key-store";
import { hashOf, makeKey, type StoredKey } from "./keys";

const USAGE = `npm run key -- create --name "shop till" --channels business,orders [--per-second 500] [--expires 90d]
npm run key -- list
npm run key -- revoke <id>`;

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const MAX_NAME = 60;
const MAX_PER_SECOND = 1_000_000;
const LONGEST_DAYS = 3650;

export interface KeyCommand {
  store: Pick<KeyStore, "list" | "add" | "revoke">;
  /** Names of the channels that producers may fill. */
  channels: readonly string[];
  /** Wall clock, ms. */
  now: number;
}

/** What is written for the person: `out` for programs too, `note` for people alone. */
export interface Spoken {
  out: string;
  note?: string;
}

/** Carries out the arguments of `npm run key --`. Throws an error in words for people. */
export async function runKeyCommand(args: string[], command: KeyCommand): Promise<Spoken> {
  const [verb, ...rest] = args;
  if (verb === "create") return create(rest, command);
  if (verb === "list" && rest.length === 0) return list(command);
  if (verb === "revoke" && rest.length === 1) return revoke(rest[0]!, command);
  throw new Error(USAGE);
}

async function create(args: string[], { store, channels, now }: KeyCommand): Promise<Spoken> {
  const { values } = parseArgs({
    args,
    options: {
      name: { type: "string" },
      channels: { type: "string" },
      "per-second": { type: "string" },
      expires: { type: "string" },
    },
  });
  const names = channelNames(values.channels, channels);
  const { id, key } = makeKey();
  const perSecond = values["per-second"] === undefined ? undefined : rate(values["per-second"]);
  const lasts = values.expires === undefined ? undefined : duration(values.expires);
  const stored: StoredKey = {
    ...{ id, name: title(values.name), hash: hashOf(key), channels: names, createdAt: now },
    ...(perSecond !== undefined && { perSecond }),
    ...(lasts !== undefined && { expiresAt: now + lasts }),
  };
  await store.add(stored);
  const note = `This is shown once. Producers send it as "Authorization: Bearer …". It fills: ${names.join(", ")}.`;
  return { out: key, note };
}

async function list({ store, now }: KeyCommand): Promise<Spoken> {
  const keys = await store.list();
  if (keys.length === 0) return { out: "", note: "There are no keys." };
  const head = ["ID", "NAME", "CHANNELS", "PER SECOND", "CREATED", "EXPIRES", "LAST USED", "STATE"];
  const rows = keys.map((key) => [
    ...[key.id, key.name, key.channels.join(","), String(key.perSecond ?? "-")],
    ...[key.createdAt, key.expiresAt, key.lastUsedAt].map(date),
    stateOf(key, now),
  ]);
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i]!.length)));
  const line = (row: string[]) => row.map((cell, i) => cell.padEnd(widths[i]!)).join("  ");
  return { out: [head, ...rows].map((row) => line(row).trimEnd()).join("\n") };
}

async function revoke(id: string, { store, now }: KeyCommand): Promise<Spoken> {
  if (!(await store.revoke(id, now))) throw new Error(`There is no key ${id}.`);
  return { out: id, note: "Revoked. It stops within 2 seconds on every server." };
}

function stateOf({ revokedAt, expiresAt }: StoredKey, now: number): string {
  if (revokedAt !== undefined) return "revoked";
  return expiresAt !== undefined && expiresAt <= now ? "expired" : "active";
}

function date(ms: number | undefined): string {
  return ms === undefined ? "-" : `${new Date(ms).toISOString().slice(0, 16)}Z`;
}

function title(text: string | undefined): string {
  const name = text?.trim() ?? "";
  if (name === "" || name.length > MAX_NAME || /\p{Cc}/u.test(name))
    throw new Error(`--name is 1 to ${MAX_NAME} characters on one line\n${USAGE}`);
  return name;
}

function channelNames(text: string | undefined, known: readonly string[]): string[] {
  const names = [...new Set((text ?? "").split(",").map((name) => name.trim()))].filter(Boolean);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined || names.length === 0)
    throw new Error(
      `--channels is a list of: ${known.join(", ")}${unknown === undefined ? "" : `; not ${unknown}`}`,
    );
  return names;
}

function rate(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= MAX_PER_SECOND) return number;
  throw new Error(`--per-second is a whole number from 1 to ${MAX_PER_SECOND}`);
}

/** `90d` or `12h`, in ms. */
function duration(text: string): number {
  const [, count, unit] = /^(\d{1,5})([dh])$/.exec(text) ?? [];
  const ms = Number(count) * (unit === "d" ? DAY_MS : HOUR_MS);
  if (ms > 0 && ms <= LONGEST_DAYS * DAY_MS) return ms;
  throw new Error(`--expires is a number of days or hours, like 90d or 12h, at most ${LONGEST_DAYS}d`);
}
