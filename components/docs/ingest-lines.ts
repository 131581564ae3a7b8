import type { Cell } from "@/lib/shared/define-channel";

/** What the lines are about. */
export interface LinesFor {
  /** `http://127.0.0.1:3000` */
  origin: string;
  channel: string;
  /** One update that the channel takes. */
  example: Record<string, Cell>;
  /** Producers must show a key; the lines take it from `NOWBOARD_KEY`. */
  needsKey: boolean;
}

/** Where the lines take the key from, so that none is in a script or a shell's history. */
export const KEY_VARIABLE = "NOWBOARD_KEY";

const urlOf = ({ origin, channel }: LinesFor) => `${origin}/api/ingest/${channel}`;

/** JSON on one line, with room at which a narrow screen breaks it. */
const spaced = (value: object) => JSON.stringify(value, null, 1).replace(/\n */g, " ");

/** Text for a POSIX shell. */
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

function curl(of: LinesFor, type: string, rest: string[]): string {
  const headers = [
    `-H 'content-type: ${type}'`,
    ...(of.needsKey ? [`-H "authorization: Bearer $${KEY_VARIABLE}"`] : []),
  ];
  return [`curl ${urlOf(of)}`, ...headers, ...rest].join(" \\\n  ");
}

/** One post. */
export function curlExample(of: LinesFor): string {
  return curl(of, "application/json", [`-d ${quoted(spaced(of.example))}`]);
}

/** One that may be sent again. */
export function repeatableExample(of: LinesFor): string {
  const body = `-d ${quoted(spaced(of.example))}`;
  return curl(of, "application/json", ["-H 'idempotency-key: a-name-of-your-own-1'", body]);
}

/** Lines from a program, each sent and stored as it is written; the answers come meanwhile. */
export function streamExample(of: LinesFor): string {
  const line = quoted(spaced(of.example));
  return `printf '%s\\n' ${line} ${line} |\n  ${curl(of, "application/x-ndjson", ["-X POST -T . -sN"]).replaceAll("\n", "\n  ")}`;
}

/** A module for Node 18 or newer, without packages. */
export function nodeExample(of: LinesFor): string {
  return [
    `const response = await fetch(${JSON.stringify(urlOf(of))}, {`,
    `  method: "POST",`,
    "  headers: {",
    `    "content-type": "application/json",`,
    ...(of.needsKey ? [`    authorization: \`Bearer \${process.env.${KEY_VARIABLE}}\`,`] : []),
    "  },",
    `  body: JSON.stringify(${spaced(of.example)}),`,
    "});",
    "console.log(response.status, await response.json());",
  ].join("\n");
}

/** A script for Python 3, without packages. Strings and numbers are written there as in JSON. */
export function pythonExample(of: LinesFor): string {
  return [
    of.needsKey ? "import json, os" : "import json",
    "from urllib.request import Request, urlopen",
    "",
    "request = Request(",
    `    ${JSON.stringify(urlOf(of))},`,
    `    data=json.dumps(${spaced(of.example)}).encode(),`,
    "    headers={",
    `        "Content-Type": "application/json",`,
    ...(of.needsKey ? [`        "Authorization": "Bearer " + os.environ["${KEY_VARIABLE}"],`] : []),
    "    },",
    ")",
    "with urlopen(request) as response:",
    "    print(response.status, response.read().decode())",
  ].join("\n");
}

/** A module that keeps one connection open; needs `socket.io-client`. */
export function socketExample(of: LinesFor): string {
  const event = spaced({ channel: of.channel, updates: of.example });
  return [
    `import { io } from "socket.io-client";`,
    "",
    `const socket = io(${JSON.stringify(of.origin)}, {`,
    `  transports: ["websocket"],`,
    ...(of.needsKey ? [`  auth: { key: process.env.${KEY_VARIABLE} },`] : []),
    "});",
    `console.log(await socket.timeout(5000).emitWithAck("ingest", ${event}));`,
    "socket.close();",
  ].join("\n");
}

/** Makes a key for the channel. */
export function keyExample({ channel }: Pick<LinesFor, "channel">): string {
  return `export ${KEY_VARIABLE}=$(npm run -s key -- create --name "my producer" --channels ${channel})`;
}
