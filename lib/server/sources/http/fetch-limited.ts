import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { pipeline, type Readable } from "node:stream";
import { createGunzip, createInflate } from "node:zlib";
import { connectionError, statusError } from "../connection-errors";
import { lookUpName, type NameLookup } from "./name-lookup";
import { addressRule } from "./refused-address";

/** Connections that a source has at a time. */
const MAX_SOCKETS = 2;

export interface FetcherOptions {
  /** What is asked for, as a media type. */
  accept: string;
  headers?: Readonly<Record<string, string>>;
  /** The most bytes of an answer, after its decompression. */
  maxBytes: number;
  /** Networks (CIDR) that may be reached although they are refused by default. */
  allowed: readonly string[];
  /** Paths are not told either: they come from the environment. */
  hidesPaths?: boolean;
  /** Replaces the machine's lookup of names; for tests. */
  addressesOf?: NameLookup;
}

interface Question<T> {
  url: URL;
  signal: AbortSignal;
  /** Makes something of the answer's text; throws a sentence when it cannot. */
  read(text: string): T;
  /** The reason in the text of a refusal, where its form is known. */
  reason?(text: string): string | undefined;
}

/** Gets texts over http and https for one source. */
export interface Fetcher {
  /**
   * Asks with `If-None-Match`; after a 304 it gives what was made of the last answer. Rejects with a sentence, which
   * names the host and no other part of the address. No redirect is followed.
   */
  get<T>(question: Question<T>): Promise<T>;
  /** Ends its connections. */
  close(): Promise<void>;
}

/**
 * Nothing but this reaches other hosts over HTTP. The addresses that a name has are checked in the lookup that the
 * connection itself uses: a name that changes its address in between reaches nothing else.
 */
export function createFetcher(options: FetcherOptions): Fetcher {
  const { accept, maxBytes, addressesOf = lookUpName } = options;
  const mayReach = addressRule(options.allowed);
  const agents = {
    "http:": new http.Agent({ keepAlive: true, maxSockets: MAX_SOCKETS }),
    "https:": new https.Agent({ keepAlive: true, maxSockets: MAX_SOCKETS }),
  };
  /** What became of each address's last answer. A source has few addresses. */
  const kept = new Map<string, { etag: string; value: unknown }>();

  const lookup: LookupFunction = (name, { all }, callback) =>
    void addressesOf(name).then(
      (found) => {
        const open = found.filter(({ address }) => mayReach(address));
        if (open.length === 0) callback(refused(name, found[0]?.address), []);
        else if (all) callback(null, open);
        else callback(null, open[0]!.address, open[0]!.family);
      },
      (error) => callback(error, []),
    );

  function send(url: URL, signal: AbortSignal, etag: string | undefined, again = false) {
    return new Promise<IncomingMessage>((resolve, reject) => {
      const { protocol } = url;
      const headers = {
        Accept: accept,
        "Accept-Encoding": "gzip, deflate",
        "User-Agent": "nowboard",
        ...options.headers,
        ...(etag !== undefined && { "If-None-Match": etag }),
      };
      const request = (protocol === "https:" ? https : http).get(url, {
        ...{ headers, lookup, signal },
        agent: again ? false : agents[protocol as keyof typeof agents],
      });
      request.on("response", resolve);
      request.on("error", (error: NodeJS.ErrnoException) => {
        // The server closed the connection while the question was on its way: it has not seen it.
        const isStale = request.reusedSocket && error.code === "ECONNRESET" && !signal.aborted;
        if (isStale && !again) send(url, signal, etag, true).then(resolve, reject);
        else reject(error);
      });
    });
  }

  async function get<T>({ url, signal, read, reason }: Question<T>): Promise<T> {
    const host = url.hostname.replace(/^\[|\]$/g, "");
    if (isIP(host) && !mayReach(host)) throw refused(host);
    const last = kept.get(url.href);
    const response = await send(url, signal, last?.etag);
    // Also after the answer, a connection that breaks may say so.
    response.on("error", () => {});
    const { statusCode: status = 0, headers } = response;
    if (status === 304 && last) {
      response.resume();
      return last.value as T;
    }
    if (status < 200 || status > 299) {
      const why = reason && (await textOf(response, maxBytes).then(reason, () => undefined));
      response.destroy();
      throw statusError({
        ...{ status, host: url.host, retryAfter: headers["retry-after"], now: Date.now() },
        reason: redirect(url, status, headers.location, options.hidesPaths) ?? why,
      });
    }
    const value = read(await textOf(response, maxBytes));
    if (headers.etag === undefined) kept.delete(url.href);
    else kept.set(url.href, { etag: headers.etag, value });
    return value;
  }

  return {
    get: (question) =>
      get(question).catch((error) => {
        throw connectionError(error, question.url);
      }),
    async close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

/** An answer's text. Ends the connection of one that is too large, before or after its decompression. */
async function textOf(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  const tooLarge = () => new Error(`The answer is larger than ${inBytes(maxBytes)}`);
  try {
    if (Number(response.headers["content-length"]) > maxBytes) throw tooLarge();
    for await (const chunk of decoded(response)) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    response.destroy();
    throw error;
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function decoded(response: IncomingMessage): Readable {
  const encoding = response.headers["content-encoding"]?.toLowerCase() ?? "identity";
  if (encoding === "identity") return response;
  if (!/^(x-gzip|gzip|deflate)$/.test(encoding))
    throw new Error("The answer is compressed in a way that was not asked for");
  // What fails shows on the last stream, which is the one that is read.
  return pipeline(response, encoding === "deflate" ? createInflate() : createGunzip(), () => {});
}

/** Where a redirect leads; without the query, which may hold a secret. */
function redirect(from: URL, status: number, location = "", hidesPath = false): string | undefined {
  if (status < 300 || status > 399 || !URL.canParse(location, from.href)) return undefined;
  const { protocol, host, pathname } = new URL(location, from);
  return `it redirects to ${protocol}//${host}${hidesPath ? "" : pathname}, which is not followed`;
}

function refused(name: string, address = name): Error {
  const what = address === name ? name : `${name} (${address})`;
  return new Error(`${what} is not open to sources unless NOWBOARD_SOURCES_ALLOW names its network`);
}

function inBytes(bytes: number): string {
  return bytes >= 1_000_000 ? `${bytes / 1_000_000} MB` : `${bytes} bytes`;
}
