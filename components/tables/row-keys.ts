/** Where a key leads from a row, `page` rows being visible; `undefined` for keys that do not move. */
export function rowAfterKey(key: string, index: number, count: number, page: number): number | undefined {
  const step = Math.max(1, page - 1);
  const to: Record<string, number> = {
    ArrowDown: index + 1,
    ArrowUp: index - 1,
    PageDown: index + step,
    PageUp: index - step,
    Home: 0,
    End: count - 1,
  };
  if (!Object.hasOwn(to, key)) return undefined;
  return Math.min(count - 1, Math.max(0, to[key]!));
}

/** How far to scroll (px) so that a row is in sight, from where it is; as little as possible. */
export function scrollToRow(index: number, top: number, height: number, rowHeight: number): number {
  const start = index * rowHeight;
  if (start < top) return start;
  return Math.max(top, start + rowHeight - height);
}
