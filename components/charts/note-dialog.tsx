"use client";

import { type FormEvent, type RefObject, useEffect, useId, useRef, useState } from "react";
import { useLocale } from "@/components/live/hooks";
import { fromWall, toWall } from "@/components/time/wall-time";
import { ANNOTATION_KINDS, type AnnotationKind } from "@/lib/shared/annotations";
import { addAnnotation, type NewAnnotation } from "./annotation-requests";
import { KIND_WORDS } from "./flag-marks";

const FIELD = "touch w-full min-w-0 rounded-card border border-line-strong bg-transparent px-2";
const BUTTON = "touch h-9 rounded-card border px-3 font-medium disabled:opacity-50";

interface NoteDialogProps {
  /** The time to begin with, ms. */
  at: number;
  onClose: () => void;
  /** Where the focus goes afterwards, when what had it before is no more. */
  returnTo?: RefObject<HTMLElement | null>;
}

/** Asks what happened when, and stores it for everybody. What could not be stored stays in the fields. */
export default function NoteDialog({ at, onClose, returnTo }: NoteDialogProps) {
  const { timeZone } = useLocale();
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const [began] = useState(() => toWall(at, timeZone));
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  /** What was sent last and the key of that, so that it is not stored twice when only the answer was lost. */
  const sent = useRef({ body: "", key: "" });
  useEffect(() => dialog.current?.showModal(), []);

  const close = () => {
    // Closed before it goes, so that the browser gives the focus back.
    dialog.current?.close();
    returnTo?.current?.focus();
    onClose();
  };
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const field = (name: string) => String(form.get(name) ?? "").trim();
    // The field has no smaller parts than seconds: a time that was left alone stays as it was.
    const ts = field("at") === began ? at : fromWall(field("at"), timeZone);
    if (ts === undefined) return setProblem("Give the time when it happened.");
    if (field("title") === "") return setProblem("Give it a title.");
    const text = field("text");
    const annotation: NewAnnotation = {
      kind: field("kind") as AnnotationKind,
      title: field("title"),
      ...(text !== "" && { text }),
      ts: Math.round(ts),
    };
    const body = JSON.stringify(annotation);
    if (body !== sent.current.body) sent.current = { body, key: newKey() };
    setBusy(true);
    setProblem(undefined);
    const failure = await addAnnotation(annotation, sent.current.key);
    setBusy(false);
    if (failure === undefined) close();
    else setProblem(`It was not stored: ${failure} What you wrote is still here.`);
  };
  return (
    <dialog
      ref={dialog}
      aria-labelledby={`${id}-title`}
      data-testid="note-dialog"
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      className="pointer-events-auto m-auto w-[min(26rem,calc(100vw-2rem))] rounded-card border border-line bg-raised p-6 text-ink text-sm backdrop:bg-black/40"
    >
      <form onSubmit={submit} className="flex flex-col gap-4">
        <h2 id={`${id}-title`} className="font-semibold text-base">
          Add a note
        </h2>
        <label className="flex flex-col gap-1">
          <span className="text-label text-soft">What happened</span>
          <input
            name="title"
            required
            maxLength={80}
            autoComplete="off"
            autoFocus
            className={`${FIELD} h-9`}
          />
        </label>
        <label className="flex flex-col gap-1">
          <span className="text-label text-soft">More about it (optional)</span>
          <textarea name="text" rows={3} maxLength={2000} className={`${FIELD} py-1.5`} />
        </label>
        <div className="grid grid-cols-[1fr_2fr] gap-3">
          <label className="flex min-w-0 flex-col gap-1">
            <span className="text-label text-soft">Kind</span>
            <select name="kind" defaultValue="note" className={`${FIELD} h-9`}>
              {ANNOTATION_KINDS.map((kind) => (
                <option key={kind} value={kind}>
                  {KIND_WORDS[kind]}
                </option>
              ))}
            </select>
          </label>
          <label className="flex min-w-0 flex-col gap-1">
            <span className="truncate text-label text-soft">When ({timeZone})</span>
            <input
              type="datetime-local"
              name="at"
              step={1}
              required
              defaultValue={began}
              className={`${FIELD} h-9 tabular-nums`}
            />
          </label>
        </div>
        <p role="alert" className="text-bad text-xs empty:hidden">
          {problem}
        </p>
        <div className="flex flex-wrap justify-end gap-2">
          <button type="button" onClick={close} className={`${BUTTON} border-line hover:bg-sunken`}>
            Cancel
          </button>
          <button
            type="submit"
            disabled={isBusy}
            className={`${BUTTON} border-accent bg-accent-soft text-accent`}
          >
            Add
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** `crypto.randomUUID` is not there on a page without TLS. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("-");
}
