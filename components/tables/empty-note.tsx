import { Inbox } from "lucide-react";

/** The empty state of what fills by itself: what will appear here, and when. */
export function EmptyNote({ title, text }: { title: string; text: string }) {
  return (
    <div className="flex flex-col gap-2">
      <p className="flex items-center gap-2 font-medium">
        <Inbox aria-hidden className="size-4 shrink-0 text-soft" />
        {title}
      </p>
      <p className="text-soft">{text}</p>
    </div>
  );
}
