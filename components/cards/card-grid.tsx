import type { ReactNode } from "react";

/** A page's first row: the few numbers that matter. Two abreast on a phone, but for the narrowest. */
export function CardGrid({ children }: { children: ReactNode }) {
  return (
    <div className="grid grid-cols-1 gap-2 min-[21.5rem]:grid-cols-2 sm:gap-4 md:grid-cols-3 xl:grid-flow-col xl:auto-cols-fr xl:grid-cols-none">
      {children}
    </div>
  );
}

/** Charts, tables and lists: one column, two where there is room, four on a very large screen. */
export function WidgetGrid({ children }: { children: ReactNode }) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 vast:has-[>:nth-child(3)]:grid-cols-4 xl:grid-cols-2">
      {children}
    </div>
  );
}
