import { validateHeaderName, validateHeaderValue } from "node:http";
import type { FromEnvironment } from "@/lib/shared/sources/options";
import { type OpenContext, setting } from "../open-source";

/** Where an HTTP source asks, and how people may be told of that. */
export interface HttpAddress {
  url: URL;
  /** Without credentials and query; of an address from the environment no more than the host. */
  target: string;
  hidesPaths: boolean;
}

/** Throws a sentence without the address when it is none for http or https. */
export function httpAddress(context: OpenContext, from: string | FromEnvironment): HttpAddress {
  const text = setting(context, from);
  const isWritten = typeof from === "string";
  const name = isWritten ? "url" : from.env;
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new Error(`${name} is not an address like https://host/path`);
  const url = new URL(text);
  if (isWritten && (url.username || url.password))
    throw new Error('an address with a password comes from the environment: url: env("…")');
  // A path may be a secret, too.
  return { url, target: isWritten ? `${url.origin}${url.pathname}` : url.origin, hidesPaths: !isWritten };
}

/** The headers to send, with what comes from the environment. Throws for what cannot be a header, without its value. */
export function httpHeaders(
  context: OpenContext,
  headers: Readonly<Record<string, string | FromEnvironment>> = {},
): Record<string, string> {
  const pairs = Object.entries(headers).map(([name, from]) => {
    const value = setting(context, from);
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return [name, value] as const;
  });
  return Object.fromEntries(pairs);
}
