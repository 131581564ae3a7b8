"use client";

import { type SVGProps, useEffect } from "react";
import { MessagePage, PRIMARY_ACTION, SECONDARY_ACTION } from "./message-page";
import { reloadIfOutdated } from "./newer-build";

export interface ErrorMessageProps {
  error: unknown;
  retry: () => void;
}

/** What people see when a page failed. The details go to the console and the server's log, not to the screen. */
export function ErrorMessage({ error, retry }: ErrorMessageProps) {
  useEffect(() => {
    console.error(error);
    // Half a page of one build and half of another may be the reason.
    void reloadIfOutdated();
  }, [error]);
  const digest = (error as { digest?: unknown } | null)?.digest;
  return (
    <MessagePage
      icon={Warning}
      title="This page could not be shown"
      actions={
        <>
          <button type="button" onClick={retry} className={PRIMARY_ACTION}>
            Try again
          </button>
          {/* A whole new load: whatever broke in this one is gone. */}
          <a href="/" className={SECONDARY_ACTION}>
            Open the overview
          </a>
        </>
      }
    >
      <p>
        Something went wrong while it was being put together. Collecting and storing data is not affected.
      </p>
      <p>Try again in a moment. If it happens again, tell whoever runs this Nowboard.</p>
      {typeof digest === "string" && (
        <p className="text-xs">
          For their log: <code className="font-mono text-ink">{digest}</code>
        </p>
      )}
    </MessagePage>
  );
}

/** Drawn by hand: every page loads this message beforehand, in two places, and would load the icons' library with it. */
function Warning(props: SVGProps<SVGSVGElement>) {
  return (
    <svg {...props} aria-hidden="true" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth={2}>
      <path strokeLinecap="round" strokeLinejoin="round" d="M12 4 3 20h18zM12 10v4m0 3h.01" />
    </svg>
  );
}
