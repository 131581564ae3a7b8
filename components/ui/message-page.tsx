import type { ComponentType, ReactNode, SVGProps } from "react";

interface MessagePageProps {
  icon: ComponentType<SVGProps<SVGSVGElement>>;
  title: string;
  children: ReactNode;
  /** What to do: buttons and links. */
  actions: ReactNode;
}

/** A page that has no data to show: what happened, what still works, what to do. */
export function MessagePage({ icon: Icon, title, children, actions }: MessagePageProps) {
  return (
    <main id="content" className="grid min-h-[70dvh] place-items-center px-4 py-12">
      <div className="w-full max-w-lg rounded-card border border-line bg-surface p-6">
        <Icon aria-hidden className="size-6 text-soft" strokeWidth={1.75} />
        <h1 className="mt-4 font-semibold text-xl">{title}</h1>
        <div className="mt-2 flex flex-col gap-2 text-soft">{children}</div>
        <div className="mt-6 flex flex-wrap gap-2">{actions}</div>
      </div>
    </main>
  );
}

export const PRIMARY_ACTION =
  "touch inline-flex h-10 items-center rounded-card bg-accent px-4 font-medium text-surface hover:opacity-90";
export const SECONDARY_ACTION =
  "touch inline-flex h-10 items-center rounded-card border border-line px-4 font-medium hover:bg-sunken";
