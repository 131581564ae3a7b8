"use client";

import "@fontsource-variable/inter";
import "./globals.css";
import "./contrast.css";
import { useEffect, useState } from "react";
import { ErrorMessage, type ErrorMessageProps } from "@/components/ui/error-message";

/** Stands in for a layout that failed, the root one too, so it brings its own document and follows the system's theme. */
export default function GlobalError(props: ErrorMessageProps) {
  const [dark, setDark] = useState(false);
  useEffect(() => setDark(matchMedia("(prefers-color-scheme: dark)").matches), []);
  return (
    <html lang="en" className={dark ? "dark" : undefined}>
      <body>
        <title>Nowboard</title>
        <ErrorMessage {...props} />
      </body>
    </html>
  );
}
