"use client";

import { useEffect, useId, useRef } from "react";

interface ConfirmDialogProps {
  open: boolean;
  title: string;
  /** What happens then. */
  text: string;
  confirm: string;
  cancel: string;
  onClose: (isConfirmed: boolean) => void;
}

/** Asks before something that cannot be taken back. Escape is a no; the no has the focus. */
export function ConfirmDialog({ open, title, text, confirm, cancel, onClose }: ConfirmDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    if (open) dialog.current?.showModal();
  }, [open]);
  if (!open) return null;
  // Closed before it goes, so that the browser gives the focus back to what opened it.
  const answer = (isConfirmed: boolean) => {
    dialog.current?.close();
    onClose(isConfirmed);
  };
  const button = "touch h-9 rounded-card border px-3 font-medium";
  return (
    <dialog
      ref={dialog}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
      onCancel={(event) => {
        event.preventDefault();
        answer(false);
      }}
      className="m-auto max-w-[min(28rem,calc(100vw-2rem))] rounded-card border border-line bg-raised p-6 text-ink backdrop:bg-black/40"
    >
      <h2 id={`${id}-title`} className="font-semibold text-base">
        {title}
      </h2>
      <p id={`${id}-text`} className="mt-2 text-soft">
        {text}
      </p>
      <div className="mt-6 flex flex-wrap justify-end gap-2">
        <button
          type="button"
          // biome-ignore lint/a11y/noAutofocus: in a dialog that was asked for, the safe answer is the first.
          autoFocus
          onClick={() => answer(false)}
          className={`${button} border-line hover:bg-sunken`}
        >
          {cancel}
        </button>
        <button
          type="button"
          onClick={() => answer(true)}
          className={`${button} border-bad text-bad hover:bg-bad-soft`}
        >
          {confirm}
        </button>
      </div>
    </dialog>
  );
}
