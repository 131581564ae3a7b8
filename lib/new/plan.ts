import { addElement, addImport, addToImport } from "./edit";
import type { Names } from "./names";
import { channelFile, pageFile, sourceFile, testFile } from "./templates";

export const KINDS = ["page", "channel", "source"] as const;
export type Kind = (typeof KINDS)[number];

/** What is to be written: new files, and files that list what there is, as they will be. By path. */
export interface Plan {
  created: Record<string, string>;
  changed: Record<string, string>;
  /** What to do next, a line each. */
  next: string[];
}

/** An icon that any page may begin with. */
const ICON = "ChartLine";

/** Decides what a new page, channel or source needs. `read` gives a file's text. Throws a sentence. Pure. */
export function planOf(kind: Kind, names: Names, read: (path: string) => string): Plan {
  const { name, identifier, title } = names;
  const channel = `lib/channels/${name}.ts`;
  const registry = "lib/channels/registry.ts";
  const created: Plan["created"] = { [channel]: channelFile(names, kind === "source" ? "source" : "ingest") };
  const changed: Plan["changed"] = {
    [registry]: addElement(addImport(read(registry), identifier, `./${name}`), "channels", identifier),
  };
  const next = [`${channel}: say what its figures are called, their units, and which direction is good`];
  if (kind === "page") {
    const page = `app/(dashboard)/${name}/page.tsx`;
    const test = `tests/e2e/${name}.spec.ts`;
    const pages = "components/shell/pages.ts";
    Object.assign(created, { [page]: pageFile(names), [test]: testFile(names) });
    const link = `{ href: "/${name}", title: "${title}", short: "${title}", icon: ${ICON} }`;
    changed[pages] = addElement(addToImport(read(pages), ICON, "lucide-react"), "PAGES", link);
    next.push(
      `${page}: choose its widgets; docs/adding-a-page.md shows what there is`,
      `${pages}: its place in the navigation, a short name and an icon`,
      `curl --json '{"current": 3}' http://127.0.0.1:3000/api/ingest/${name}: a first number`,
      `npx playwright test -c tests/e2e/playwright.config.ts ${name}: that it is live, and honest without a network`,
    );
  }
  if (kind === "source") {
    const source = `lib/channels/${name}.source.ts`;
    const sources = "lib/channels/source-registry.ts";
    created[source] = sourceFile(names);
    const declared = `${identifier}Source`;
    const imported = addImport(read(sources), declared, `./${name}.source`);
    changed[sources] = addElement(imported, "declaredSources", declared);
    next.push(`${source}: where its data comes from; docs/sources.md has an example of each kind`);
  }
  return { created, changed, next };
}
