/** Whether a topic is one that this filter names, with the wildcards `+` (a level) and `#` (all that follow). */
export function matchesTopic(filter: string, topic: string): boolean {
  const levels = filter.replace(/^\$share\/[^/]*\//, "").split("/");
  const names = topic.split("/");
  // Topics of the broker's own are not meant by a wildcard at the beginning.
  if (topic.startsWith("$") && levels[0] !== names[0]) return false;
  const rest = levels.indexOf("#");
  const fixed = rest < 0 ? levels : levels.slice(0, rest);
  if (rest < 0 ? names.length !== fixed.length : names.length < fixed.length) return false;
  return fixed.every((level, i) => level === "+" || level === names[i]);
}
