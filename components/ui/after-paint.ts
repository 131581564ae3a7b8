/** Resolves after what is being rendered: what may come later then does not stand in its way. */
export function afterPaint(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
