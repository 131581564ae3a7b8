/**
 * Why there are no readings, in the sources' own words; of several channels each reason with the titles of those that
 * have it. `undefined` while none says so. `titles` by channel, `downOf` gives a channel's own reason.
 */
export function downReason(
  titles: ReadonlyMap<string, string>,
  downOf: (channel: string) => string | undefined,
): string | undefined {
  const byReason = new Map<string, string[]>();
  for (const [channel, title] of titles) {
    const down = downOf(channel);
    if (down !== undefined) byReason.set(down, [...(byReason.get(down) ?? []), title]);
  }
  if (titles.size === 1) return [...byReason.keys()][0];
  return [...byReason].map(([reason, of]) => `${of.join(", ")}: ${reason}`).join("; ") || undefined;
}
