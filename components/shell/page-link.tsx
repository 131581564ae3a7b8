"use client";

import { useRouter } from "next/navigation";
import { type AnchorHTMLAttributes, type MouseEvent, startTransition } from "react";

interface PageLinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  href: string;
  /** Says `true` to stay here. */
  hold: (href: string) => boolean;
}

/**
 * A link to another page of this app that keeps the document and its connection. Pages are rendered for each request,
 * so there is nothing to fetch ahead; Next's own link, which can do that, is several times as large.
 */
export function PageLink({ href, hold, ...rest }: PageLinkProps) {
  const router = useRouter();
  const go = (event: MouseEvent) => {
    // Into another tab or window, or a download: the browser's own.
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (!hold(href)) startTransition(() => router.push(href));
  };
  return <a {...rest} href={href} onClick={go} />;
}
