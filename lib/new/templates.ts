import type { Names } from "./names";

/** A channel of two figures, which producers post. */
export function channelFile({ name, identifier, title }: Names, filledBy: "ingest" | "source"): string {
  const how =
    filledBy === "ingest" ? `posted to \`/api/ingest/${name}\`` : `fetched by \`${name}.source.ts\``;
  return `import { defineChannel } from "@/lib/shared/define-channel";

/** ${title}: ${how}. */
export const ${identifier} = defineChannel({
  kind: "record",
  name: "${name}",
  title: "${title}",
  // How often news is expected, and how old it may be before the page calls it late, ms.
  cadence: 10_000,
  maxAge: 60_000,
  filledBy: "${filledBy}",
  metrics: {
    current: {
      title: "Current",
      unit: "count",
      min: 0,
      about: "How many there are now.",
    },
    total: {
      title: "Total today",
      unit: "count",
      type: "counter",
      good: "up",
      min: 0,
      about: "How many there have been since midnight.",
    },
  },
});
`;
}

/** A source that fills the channel from a database. */
export function sourceFile({ name, identifier }: Names): string {
  const variable = `${name.replaceAll("-", "_").toUpperCase()}_DATABASE_URL`;
  return `import { declareSource } from "@/lib/shared/sources/declare-source";
import { env } from "@/lib/shared/sources/options";
import { ${identifier} } from "./${name}";

/** Off until ${variable} is set. Other kinds of sources: docs/sources.md. */
export const ${identifier}Source = declareSource(${identifier}, {
  kind: "postgres",
  url: env("${variable}"),
  sql: "SELECT count(*) AS current, count(*) AS total FROM ${name.replaceAll("-", "_")}",
});
`;
}
