import type { ReactNode } from "react";

/** One part of a page of words: a card with a heading. */
export function DocCard({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex min-w-0 flex-col gap-3 rounded-card border border-line bg-surface p-4">
      <h2 className="font-medium">{title}</h2>
      {children}
    </section>
  );
}

/** What is said about the lines below it. */
export function DocLabel({ children }: { children: ReactNode }) {
  return <h3 className="text-soft text-xs">{children}</h3>;
}

export function Term({ children }: { children: ReactNode }) {
  return <code className="rounded-sm bg-sunken px-1 font-mono text-xs">{children}</code>;
}
