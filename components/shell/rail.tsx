"use client";

import { Clock, type LucideIcon, PanelLeftClose, PanelLeftOpen } from "lucide-react";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { useConnection } from "@/components/live/hooks";
import { rangeQuery } from "@/lib/shared/time-range";
import { PageLink } from "./page-link";
import { PAGES, RAIL_COOKIE } from "./pages";

const A_YEAR_S = 365 * 24 * 60 * 60;

/** The way between pages: a rail at the left, a bar at the bottom of a phone. Always with words. */
export function Rail({ startCollapsed }: { startCollapsed: boolean }) {
  const [collapsed, setCollapsed] = useState(startCollapsed);
  const path = usePathname();
  // What is shown of the past stays from page to page.
  const range = rangeQuery(useSearchParams());
  const { hold, held } = useHeldLink();
  const isHeld = (href: string) => held?.split("?")[0] === href;
  const list = useRef<HTMLUListElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page is another place in the bar.
  useEffect(() => {
    list.current?.querySelector("[aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
  }, [path]);
  const Toggle = collapsed ? PanelLeftOpen : PanelLeftClose;
  const toggle = () => {
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser yet.
    document.cookie = `${RAIL_COOKIE}=${collapsed ? "open" : "collapsed"}; path=/; max-age=${A_YEAR_S}; samesite=lax`;
    setCollapsed(!collapsed);
  };
  return (
    <nav
      aria-label="Pages"
      data-collapsed={collapsed}
      className="group/rail kiosk:hidden fixed inset-x-0 bottom-0 z-30 border-line border-t bg-surface pb-[env(safe-area-inset-bottom)] md:sticky md:inset-auto md:top-0 md:flex md:h-dvh md:w-56 md:shrink-0 md:flex-col md:border-t-0 md:border-r md:pb-4 md:data-[collapsed=true]:w-20"
    >
      <p className="hidden h-14 items-center gap-2 px-6 font-semibold text-base md:flex group-data-[collapsed=true]/rail:justify-center group-data-[collapsed=true]/rail:px-0">
        <Mark />
        <span className="group-data-[collapsed=true]/rail:sr-only">Nowboard</span>
      </p>
      <div className="md:flex-1 md:px-3 md:pt-2">
        {/* A phone has room for some six; the others are a swipe away. */}
        <ul
          ref={list}
          className="flex overflow-x-auto overscroll-x-contain md:flex-col md:gap-1 md:overflow-visible"
        >
          {PAGES.map(({ href, title, short, icon }) => (
            <li key={href} className="min-w-17 flex-1 md:min-w-0 md:flex-none">
              <PageLink
                href={`${href}${range}`}
                hold={hold}
                aria-current={path === href ? "page" : undefined}
                className="touch flex h-14 flex-col items-center justify-center gap-1 rounded-card text-soft text-xs hover:bg-sunken hover:text-ink aria-[current]:font-medium aria-[current]:text-accent md:h-10 md:flex-row md:justify-start md:gap-3 md:px-3 md:text-sm md:aria-[current]:bg-accent-soft md:group-data-[collapsed=true]/rail:h-14 md:group-data-[collapsed=true]/rail:flex-col md:group-data-[collapsed=true]/rail:justify-center md:group-data-[collapsed=true]/rail:gap-1 md:group-data-[collapsed=true]/rail:px-0 md:group-data-[collapsed=true]/rail:text-xs"
              >
                <PageIcon icon={isHeld(href) ? Clock : icon} />
                <span className="md:hidden md:group-data-[collapsed=true]/rail:inline">{short}</span>
                <span className="hidden md:inline md:group-data-[collapsed=true]/rail:hidden">{title}</span>
              </PageLink>
            </li>
          ))}
        </ul>
        <p
          role="status"
          className="px-3 text-soft text-xs max-md:sr-only md:pt-4 group-data-[collapsed=true]/rail:-mx-2 group-data-[collapsed=true]/rail:px-0 group-data-[collapsed=true]/rail:text-center"
        >
          {held && `${PAGES.find(({ href }) => isHeld(href))?.title} opens when the connection is back.`}
        </p>
      </div>
      <button
        type="button"
        onClick={toggle}
        aria-expanded={!collapsed}
        className="needs-script touch mx-3 hidden h-10 items-center gap-3 rounded-card px-3 text-soft hover:bg-sunken hover:text-ink md:flex group-data-[collapsed=true]/rail:h-14 group-data-[collapsed=true]/rail:flex-col group-data-[collapsed=true]/rail:justify-center group-data-[collapsed=true]/rail:gap-1 group-data-[collapsed=true]/rail:px-0 group-data-[collapsed=true]/rail:text-xs"
      >
        <Toggle aria-hidden className="size-[18px]" strokeWidth={1.75} />
        {collapsed ? "Expand" : "Collapse"}
      </button>
    </nav>
  );
}

function PageIcon({ icon: Icon }: { icon: LucideIcon }) {
  return <Icon aria-hidden className="size-5 md:size-[18px]" strokeWidth={1.75} />;
}

/**
 * Without a connection a new page cannot come, and the browser would show its own error in place of the last
 * known numbers. So the way there is held until the connection is back.
 */
function useHeldLink() {
  const { status } = useConnection();
  const router = useRouter();
  const [held, setHeld] = useState<string>();
  useEffect(() => {
    if (!held || status !== "live") return;
    setHeld(undefined);
    router.push(held);
  }, [held, status, router]);
  const hold = (href: string): boolean => {
    if (status !== "reconnecting" && status !== "offline") return false;
    setHeld(href);
    return true;
  };
  return { hold, held };
}

function Mark() {
  return (
    <svg viewBox="0 0 20 20" className="size-5 text-accent" aria-hidden="true">
      <rect width="20" height="20" rx="5" fill="currentColor" />
      <path d="M4 12h3l2.5-6 3 9 1.5-3H16" fill="none" stroke="var(--surface)" strokeWidth="1.75" />
    </svg>
  );
}
