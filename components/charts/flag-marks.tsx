import type { CSSProperties } from "react";
import type { AnnotationKind } from "@/lib/shared/annotations";
import { FLAG_PX, type Flag, type FlagLayout } from "./flag-layout";

export const KIND_WORDS: Record<AnnotationKind, string> = {
  deploy: "Deploy",
  note: "Note",
  incident: "Incident",
};

export const KIND_COLOURS: Record<AnnotationKind, string> = {
  deploy: "text-accent",
  note: "text-soft",
  incident: "text-bad",
};

const KIND_PATHS: Record<AnnotationKind, string> = {
  deploy: "M8 10.5V2.5M4.5 6 8 2.5 11.5 6M2.5 13.5h11",
  note: "M2.5 3h11v7.5H8l-3 3v-3H2.5z",
  incident: "M8 2.5 14.5 13.5h-13zM8 6.5v3.25M8 11.6v.1",
};

export const FLAG_CLASS = "absolute -top-6 flex h-6 items-center whitespace-nowrap text-xs";

/** The hairlines below the flags, and the tint of stretches. They take no pointer from the plot. */
export function FlagPoles({ layout: { flags, bands } }: { layout: FlagLayout }) {
  return (
    <div aria-hidden className="pointer-events-none absolute inset-0 overflow-hidden">
      {bands.map(({ kind, from, to }) => (
        <div
          key={`${kind}${from}`}
          data-band={kind}
          className={`absolute inset-y-0 ${KIND_COLOURS[kind]}`}
          style={{ left: `${from * 100}%`, width: `${(to - from) * 100}%` }}
        >
          <div className="size-full min-w-px bg-current opacity-10" />
        </div>
      ))}
      {flags.map((flag) => (
        <div
          key={flagKey(flag)}
          className={`absolute inset-y-0 border-current border-l border-dashed opacity-60 ${KIND_COLOURS[flag.kind]}`}
          style={{ left: `${flag.place * 100}%` }}
        />
      ))}
    </div>
  );
}

/** What a flag shows: the kind, or how many it stands for, and the title where there is room. */
export function FlagHead({ flag: { annotations, kind, title } }: { flag: Flag }) {
  const [only] = annotations;
  return (
    <>
      <span className="grid size-6 shrink-0 place-items-center" aria-hidden>
        {annotations.length > 1 ? (
          <b className="grid size-4.5 place-items-center rounded-full border border-current text-[0.625rem] tabular-nums leading-none">
            {annotations.length > 99 ? "99" : annotations.length}
          </b>
        ) : (
          <KindIcon kind={kind} />
        )}
      </span>
      {title && only && (
        <span className="truncate text-soft" style={{ maxWidth: rem(title.width) }}>
          {only.title}
        </span>
      )}
    </>
  );
}

export function KindIcon({ kind }: { kind: AnnotationKind }) {
  return (
    <svg
      viewBox="0 0 16 16"
      className="size-3.5 shrink-0"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={KIND_PATHS[kind]} />
    </svg>
  );
}

/** The same while the flag stands for the same. */
export function flagKey({ annotations }: Flag): string {
  return annotations.map(({ key }) => key).join(" ");
}

/** "Deploy: v1.42", or of several how many and their titles. */
export function flagName({ annotations }: Flag): string {
  const names = annotations.map(({ kind, title }) => `${KIND_WORDS[kind]}: ${title}`);
  return names.length === 1 ? names[0]! : `${names.length} annotations. ${names.join(". ")}`;
}

/** From px at the usual size of type. */
function rem(px: number): string {
  return `${px / 16}rem`;
}

/** The flag stays inside the plot; its title lies on the side that has room. */
export function flagStyle({ place, title }: Flag): CSSProperties {
  const edge = (share: number) =>
    `clamp(0px, ${(share * 100).toFixed(3)}% - ${rem(FLAG_PX / 2)}, 100% - ${rem(FLAG_PX)})`;
  return title?.side === "left" ? { right: edge(1 - place) } : { left: edge(place) };
}
