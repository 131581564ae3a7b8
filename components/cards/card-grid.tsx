import { Children, type CSSProperties, type ReactNode } from "react";

// How many there are is told beforehand: HTML comes in pieces, and what has come must not move when the rest does.

/** A page's first row: the few numbers that matter. Two abreast on a phone, but for the narrowest. */
export function CardGrid({ children }: { children: ReactNode }) {
  const cards = { "--cards": Children.toArray(children).length } as CSSProperties;
  return (
    <div
      style={cards}
      className="grid grid-cols-1 gap-2 min-[21.5rem]:grid-cols-2 sm:gap-4 md:grid-cols-3 xl:grid-cols-[repeat(var(--cards),minmax(0,1fr))]"
    >
      {children}
    </div>
  );
}

/** Charts, tables and lists: one column, two where there is room, four on a very large screen. */
export function WidgetGrid({ children }: { children: ReactNode }) {
  const isMany = Children.toArray(children).length > 2;
  return (
    <div
      className={`grid grid-cols-[minmax(0,1fr)] items-start gap-4 xl:grid-cols-2 ${isMany ? "vast:grid-cols-4" : ""}`}
    >
      {children}
    </div>
  );
}
