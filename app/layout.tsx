import "@fontsource-variable/inter";
import "./globals.css";
import "./contrast.css";
import type { Metadata, Viewport } from "next";
import { cookies, headers } from "next/headers";
import { ThemeProvider } from "next-themes";
import type { ReactNode } from "react";
import { LiveProvider } from "@/components/live/live-provider";
import { TimeZoneCookie } from "@/components/live/time-zone-cookie";
import { TIME_ZONE_COOKIE, viewerPlace } from "./viewer-place";

export const metadata: Metadata = {
  title: { default: "Nowboard", template: "%s · Nowboard" },
  description: "A live dashboard that says how old its numbers are.",
};

export const viewport: Viewport = {
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#ffffff" },
    { media: "(prefers-color-scheme: dark)", color: "#17191d" },
  ],
};

/** What only a script can serve is not shown without one. */
const WITHOUT_SCRIPT = ".needs-script{display:none!important}";

export default async function RootLayout({ children }: { children: ReactNode }) {
  const [requestHeaders, requestCookies] = await Promise.all([headers(), cookies()]);
  const zone = requestCookies.get(TIME_ZONE_COOKIE)?.value;
  const place = viewerPlace(requestHeaders.get("accept-language"), zone);
  return (
    // The theme's class is set by a script before the first paint, so the attributes differ from the server's.
    <html lang="en" suppressHydrationWarning>
      <head>
        <noscript>
          <style>{WITHOUT_SCRIPT}</style>
        </noscript>
      </head>
      <body>
        <ThemeProvider attribute="class" disableTransitionOnChange>
          <LiveProvider {...place}>{children}</LiveProvider>
          <TimeZoneCookie name={TIME_ZONE_COOKIE} known={place.timeZone} />
        </ThemeProvider>
      </body>
    </html>
  );
}
