/** Additions to the files that list what there is. Pure; each throws a sentence when the file is not as expected. */

/** Adds an import among the others, in the order of their paths. */
export function addImport(text: string, names: string, path: string): string {
  const line = `import { ${names} } from "${path}";`;
  if (text.includes(line)) return text;
  const lines = text.split("\n");
  const of = (one: string) => /^import .* from "(.*)";$/.exec(one)?.[1];
  const imports = lines.flatMap((one, i) => (of(one) === undefined ? [] : [i]));
  // What is imported from elsewhere comes first.
  const next = imports.find((i) => of(lines[i]!)!.startsWith("./") && of(lines[i]!)! > path);
  const place = next ?? (imports.at(-1) ?? -1) + 1;
  return [...lines.slice(0, place), line, ...lines.slice(place)].join("\n");
}

/** Adds an element to the end of `export const <list> … = […];`, on a line of its own. */
export function addElement(text: string, list: string, element: string): string {
  const declared = new RegExp(`(export const ${list}\\b[^=]*= \\[)([^\\]]*)(\\];)`).exec(text);
  if (!declared) throw new Error(`There is no list ${list} to add to`);
  const [whole, head, inner, tail] = declared as unknown as [string, string, string, string];
  const before = inner.trim() === "" ? "\n" : inner;
  return text.replace(whole, () => `${head}${before}  ${element},\n${tail}`);
}

/** Adds a name to an import of several lines. */
export function addToImport(text: string, name: string, path: string): string {
  const found = new RegExp(`import \\{\\n([^}]*)\\} from "${path}";`).exec(text);
  if (!found) throw new Error(`There is no import from ${path} to add to`);
  const [whole, inner] = found as unknown as [string, string];
  const names = inner
    .split("\n")
    .map((one) => one.trim().replace(/,$/, ""))
    .filter(Boolean);
  if (names.includes(name)) return text;
  const bare = (one: string) => one.replace(/^type /, "");
  const sorted = [...names, name].sort((a, b) => (bare(a) < bare(b) ? -1 : 1));
  return text.replace(
    whole,
    () => `import {\n${sorted.map((one) => `  ${one},\n`).join("")}} from "${path}";`,
  );
}
