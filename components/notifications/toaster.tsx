"use client";

import { useEffect, useRef } from "react";
import { Toaster as SonnerToaster, toast } from "sonner";
import type { FeedItem } from "@/lib/shared/state";
import { headline, noticeLook, noticeTexts } from "./notice-look";
import type { ToasterProps } from "./notice-toasts";

/** One place on the screen, so toasts never stack: what comes while one is visible is counted in it. */
const ID = "notices";
const VISIBLE_MS = 6000;
/** A flood of notices is not counted further. */
const MAX_COUNTED = 100;

export default function Toaster({ fresh }: ToasterProps) {
  const visible = useRef<readonly FeedItem[]>([]);
  useEffect(() => {
    visible.current = [...visible.current, ...fresh].slice(-MAX_COUNTED);
    const shown = headline(visible.current)!;
    const others = visible.current.length - 1;
    const { icon: Icon, colour } = noticeLook(shown.item.level);
    const { title, text } = noticeTexts(shown);
    const reset = () => {
      visible.current = [];
    };
    toast(title, {
      id: ID,
      description: (
        <>
          {text && <p>{text}</p>}
          {others > 0 && (
            // The bell's name says it, too: each one more is not announced.
            <p
              aria-hidden
              className="text-xs"
            >{`and ${others} more ${others === 1 ? "notice" : "notices"}`}</p>
          )}
        </>
      ),
      icon: <Icon aria-hidden className={`size-4 ${colour}`} />,
      duration: VISIBLE_MS,
      onAutoClose: reset,
      onDismiss: reset,
    });
  }, [fresh]);
  return (
    <SonnerToaster
      position="bottom-right"
      visibleToasts={1}
      closeButton
      offset={24}
      style={{ fontFamily: "inherit" }}
      mobileOffset={{ bottom: 72, left: 16, right: 16 }}
      containerAriaLabel="Notices"
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            "flex w-full items-start gap-3 rounded-card border border-line-strong/60 bg-raised p-4 pr-12 text-sm text-ink sm:w-89",
          icon: "mt-0.5",
          content: "min-w-0",
          title: "font-medium break-words",
          description: "text-soft break-words",
          closeButton:
            "touch absolute top-2 right-2 grid size-8 pointer-coarse:top-0 pointer-coarse:right-0 place-items-center rounded-sm text-soft hover:text-ink",
        },
      }}
    />
  );
}
