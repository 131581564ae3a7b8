import { compile, type JSONPathQuery, type JSONValue, jsonpath } from "json-p3";

const { NameSelector, IndexSelector, FilterSelector } = jsonpath.selectors;
/** A step of a path that looks at all levels below; the library does not hand out its class. */
const Descent = compile("$..a").segments[0]!.constructor;

/** The path of a member that has this name. */
export function memberPath(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? `$.${name}` : `$[${JSON.stringify(name)}]`;
}

/** Reads one value (`undefined` where there is none). Throws for a path that is none, or that means many. */
export function valueAt(path: string): (document: JSONValue) => JSONValue | undefined {
  const query = compiled(path);
  if (!isOfOne(query)) throw new Error(`${path} can match many values; a value needs a path to one`);
  return (document) => {
    const found = query.query(document).values();
    // A filter such as `[?@.name == "db"]` means one, but the document decides.
    if (found.length > 1) throw new Error(`matches ${found.length} values`);
    return found[0];
  };
}

/** Reads all values that a path matches. Throws for a path that is none. */
export function valuesAt(path: string): (document: JSONValue) => JSONValue[] {
  const query = compiled(path);
  return (document) => query.query(document).values();
}

function compiled(path: string): JSONPathQuery {
  try {
    return compile(path);
  } catch (error) {
    throw new Error(`${path} is not a JSONPath: ${(error as Error).message}`, { cause: error });
  }
}

function isOfOne({ segments }: JSONPathQuery): boolean {
  const single = [NameSelector, IndexSelector, FilterSelector];
  return segments.every(
    (segment) =>
      segment.constructor !== Descent &&
      segment.selectors.length === 1 &&
      single.some((kind) => segment.selectors[0] instanceof kind),
  );
}
