"use client";

import { useEffect, useRef } from "react";
import { Toaster as SonnerToaster, toast } from "sonner";
import { noticeLook, noticeTexts } from "./notice-look";
import type { ToasterProps } from "./notice-toasts";

/** One place on the screen, so toasts never stack: what comes while one is visible is counted in it. */
const ID = "notices";
const VISIBLE_MS = 6000;

export default function Toaster({ fresh }: ToasterProps) {
  const visible = useRef(0);
  useEffect(() => {
    const latest = fresh.at(-1)!;
    visible.current += fresh.length;
    const others = visible.current - 1;
    const { icon: Icon, colour } = noticeLook(latest.item.level);
    const { title, text } = noticeTexts(latest);
    const reset = () => {
      visible.current = 0;
    };
    toast(title, {
      id: ID,
      description: [text, others > 0 ? `and ${others} more ${others === 1 ? "notice" : "notices"}` : ""]
        .filter(Boolean)
        .join(" · "),
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
      mobileOffset={{ bottom: 72, left: 16, right: 16 }}
      containerAriaLabel="Notices"
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            "flex w-full items-start gap-3 rounded-card border border-line-strong/60 bg-raised p-4 pr-10 text-sm text-ink sm:w-89",
          icon: "mt-0.5",
          content: "min-w-0",
          title: "font-medium break-words",
          description: "text-soft break-words",
          closeButton:
            "absolute top-3 right-3 grid size-6 place-items-center rounded-sm text-soft hover:text-ink",
        },
      }}
    />
  );
}
