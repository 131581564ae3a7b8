import type { Channel } from "@/lib/shared/define-channel";
import { addElement, addImport, addToImport } from "./edit";
import type { Names } from "./names";
import { channelFile, sourceFile } from "./templates";
import { NEW_CHANNEL, pageFile, type Shown, shownOf } from "./templates-page";
import { testFile } from "./templates-test";

export const KINDS = ["page", "channel", "source"] as const;
export type Kind = (typeof KINDS)[number];

/** What is there: a file's text, and whether there is such a file or folder. */
export interface Tree {
  read(path: string): string;
  has(path: string): boolean;
  channels: readonly Channel[];
}

/** What is to be written: new files, and files that list what there is, as they will be. By path. */
export interface Plan {
  created: Record<string, string>;
  changed: Record<string, string>;
  /** What to do next, a line each. */
  next: string[];
}

/** One that is imported there: a new import makes `npm run dev` load open pages anew. */
const ICON = "LayoutDashboard";
const REGISTRY = "lib/channels/registry.ts";
const SOURCES = "lib/channels/source-registry.ts";
const PAGES = "components/shell/pages.ts";

/**
 * Decides what a new page, channel or source needs. Throws a sentence when something of that name is there already,
 * which is somebody's work. Pure, but for what `tree` looks up.
 */
export function planOf(kind: Kind, names: Names, tree: Tree): Plan {
  const { name } = names;
  const there = kind === "page" ? channelOf(names, tree) : undefined;
  refuseTaken(names, kind === "page" ? routesOf(name) : [], there !== undefined, tree);
  const plan: Plan = { created: {}, changed: {}, next: [] };
  if (!there) addChannel(plan, kind, names, tree);
  if (kind === "source") addSource(plan, names, tree);
  else if (!there) plan.next.push(`its first numbers: ${firstNumbers(name)}`);
  if (kind === "page") addPage(plan, names, there ? shownOf(there) : NEW_CHANNEL, tree);
  else plan.next.push("docs/adding-a-page.md: how a page shows it");
  const taken = Object.keys(plan.created).find((path) => tree.has(path));
  if (taken !== undefined) throw new Error(`${taken} is there already: choose another name`);
  return plan;
}

/** The channel that a new page may show: one that has its name, and is where a new one would be. */
function channelOf({ name, identifier }: Names, tree: Tree): Channel | undefined {
  const found = tree.channels.find((channel) => channel.name === name);
  const path = channelPath(name);
  return found && tree.has(path) && tree.read(path).includes(`export const ${identifier} =`)
    ? found
    : undefined;
}

const channelPath = (name: string) => `lib/channels/${name}.ts`;

function addChannel({ created, changed, next }: Plan, kind: Kind, names: Names, tree: Tree): void {
  const { name, identifier } = names;
  created[channelPath(name)] = channelFile(names, kind === "source" ? "source" : "ingest");
  changed[REGISTRY] = addElement(
    addImport(tree.read(REGISTRY), identifier, `./${name}`),
    "channels",
    identifier,
  );
  next.push(
    `${channelPath(name)}: say what its figures are called, their units, and which direction is good`,
  );
}

const firstNumbers = (name: string) =>
  `curl http://127.0.0.1:3000/api/ingest/${name} -H 'content-type: application/json' -d '{"current":12}'`;

/** Where a page's address may be taken: by another page, or by a route handler. */
const routesOf = (name: string) => [`app/(dashboard)/${name}`, `app/${name}`, `public/${name}`];

function refuseTaken({ name, identifier }: Names, routes: string[], hasChannel: boolean, tree: Tree): void {
  const taken = [...routes, ...(hasChannel ? [] : [channelPath(name)])].find((path) => tree.has(path));
  if (taken !== undefined) throw new Error(`${taken} is there already: choose another name`);
  if (hasChannel) return;
  if (tree.channels.some((channel) => channel.name === name))
    throw new Error(`There is a channel called "${name}" already: choose another name`);
  // Two names may be one in code: web-2 and web2.
  if (new RegExp(`^import \\{ (type )?${identifier} \\}`, "m").test(tree.read(REGISTRY)))
    throw new Error(`${REGISTRY} already imports something called ${identifier}: choose another name`);
}

function addPage({ created, changed, next }: Plan, names: Names, shown: Shown, tree: Tree): void {
  const { name, title } = names;
  const page = `app/(dashboard)/${name}/page.tsx`;
  Object.assign(created, {
    [page]: pageFile(names, shown),
    [`tests/e2e/${name}.spec.ts`]: testFile(names, shown),
  });
  const link = `{ href: "/${name}", title: "${title}", short: "${title}", icon: ${ICON} }`;
  changed[PAGES] = addElement(addToImport(tree.read(PAGES), ICON, "lucide-react"), "PAGES", link);
  next.push(
    `${page}: choose its widgets; docs/adding-a-page.md shows what there is`,
    `${PAGES}: its place in the navigation, a short name and an icon`,
    `npm run e2e -- e2e/${name}.spec.ts: tests that it is live, and honest without a network`,
    `npm run qa -- --page ${name} --fast: tries what breaks connections on it; without --fast everything`,
  );
}

function addSource({ created, changed, next }: Plan, names: Names, tree: Tree): void {
  const { name, identifier } = names;
  const source = `lib/channels/${name}.source.ts`;
  created[source] = sourceFile(names);
  const declared = `${identifier}Source`;
  const imported = addImport(tree.read(SOURCES), declared, `./${name}.source`);
  changed[SOURCES] = addElement(imported, "declaredSources", declared);
  next.push(`${source}: where its data comes from; docs/sources.md has an example of each kind`);
}
