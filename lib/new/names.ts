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

/** Throws a sentence for what cannot be a name. */
export function namesOf(name: string): Names {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > 40)
    throw new Error(`"${name}" is no name: lower case letters and digits, with single dashes between them`);
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
