"use client";

import { TriangleAlert } from "lucide-react";
import { useEffect } from "react";
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
      icon={TriangleAlert}
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
