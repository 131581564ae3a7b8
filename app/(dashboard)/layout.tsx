import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { RAIL_COOKIE } from "@/components/shell/pages";
import { Rail } from "@/components/shell/rail";

export default async function DashboardLayout({ children }: { children: ReactNode }) {
  const rail = (await cookies()).get(RAIL_COOKIE)?.value;
  return (
    <div className="md:flex">
      <a
        href="#content"
        className="sr-only z-50 rounded-card bg-accent px-4 py-2 text-surface focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to the content
      </a>
      <Rail startCollapsed={rail === "collapsed"} />
      <div className="min-w-0 flex-1 pb-[calc(3.5rem+env(safe-area-inset-bottom))] kiosk:pb-0 md:pb-0">
        {children}
      </div>
    </div>
  );
}
