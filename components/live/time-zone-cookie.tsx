"use client";

import { useEffect } from "react";

const A_YEAR_S = 365 * 24 * 60 * 60;

/** Tells the server the viewer's time zone, so that the next page comes with the viewer's own times. */
export function TimeZoneCookie({ name, known }: { name: string; known?: string }) {
  useEffect(() => {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (!zone || zone === known) return;
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser yet.
    document.cookie = `${name}=${zone}; path=/; max-age=${A_YEAR_S}; samesite=lax`;
  }, [name, known]);
  return null;
}
