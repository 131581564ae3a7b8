/** What a new page, channel or source is called, in all the ways that code needs. */
export interface Names {
  /** `web-shop`: in URLs and file names. */
  name: string;
  /** `webShop`: in code. */
  identifier: string;
  /** "Web shop": on the screen. */
  title: string;
  /** `WebShop`: of components. */
  component: string;
}

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const LONGEST = 40;

/** What TypeScript takes for its own where a constant is named. */
const RESERVED = new Set(
  `arguments await break case catch class const continue debugger default delete do else enum eval export extends
  false finally for function if implements import in instanceof interface let new null package private protected
  public return static super switch this throw true try typeof undefined var void while with yield`.split(
    /\s+/,
  ),
);
/** What the files that are written or added to already call something else. */
const OURS = new Set(["channels", "current", "total", "metadata"]);

/** Throws a sentence for what cannot be a name. */
export function namesOf(name: string): Names {
  if (!NAME.test(name) || name.length > LONGEST) throw new Error(`"${name}" is no name: ${ruleFor(name)}`);
  if (RESERVED.has(name)) throw new Error(`"${name}" is a word of TypeScript: choose another name`);
  if (OURS.has(name))
    throw new Error(`"${name}" already means something in these files: choose another name`);
  const words = name.split("-");
  const capital = (word: string) => word[0]!.toUpperCase() + word.slice(1);
  const component = words.map(capital).join("");
  return {
    name,
    identifier: words[0]! + words.slice(1).map(capital).join(""),
    title: capital(words.join(" ")),
    component,
  };
}

/** What a name is, and one that is near to what was given. */
function ruleFor(given: string): string {
  const near = given
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[-0-9]+|-+$/g, "");
  const rule = `lower case letters and digits, with single dashes between them, at most ${LONGEST}`;
  return NAME.test(near) && near.length <= LONGEST ? `${rule}, like ${near}` : rule;
}
