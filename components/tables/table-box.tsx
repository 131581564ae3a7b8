"use client";

import type { HTMLAttributes, MouseEvent, Ref } from "react";

/** The part of a table's card that scrolls by itself. */
export function TableBox({
  ref,
  children,
  ...handlers
}: HTMLAttributes<HTMLDivElement> & { ref: Ref<HTMLDivElement> }) {
  return (
    // As high as some rows and a half: what is cut off shows that there are more. The browser's own anchoring knows nothing of rows that are not in the document.
    <div ref={ref} {...handlers} className="max-h-124 overflow-auto [overflow-anchor:none]">
      {children}
    </div>
  );
}

/** The key of the row that a press was meant for; none when it was for a control in it, or marked text. */
export function pressedRow({ target }: MouseEvent): string | undefined {
  if (!(target instanceof Element) || target.closest("button, a, input")) return undefined;
  if (getSelection()?.isCollapsed === false) return undefined;
  return target.closest<HTMLElement>("tr[data-key]")?.dataset.key;
}
