import { GALLERY_STATES, type GalleryState } from "./gallery-state";

interface GalleryLinksProps {
  state: GalleryState;
  still: boolean;
  isPhone: boolean;
}

const LINK =
  "touch inline-flex h-9 items-center rounded-card border border-line bg-surface px-3 text-soft hover:bg-sunken hover:text-ink aria-[current]:border-accent aria-[current]:font-medium aria-[current]:text-accent";

/** One link for each state, and for each width of the screen: they work without a script, and can be sent. */
export function GalleryLinks({ state, still, isPhone }: GalleryLinksProps) {
  const link = (other: GalleryState, phone: boolean) =>
    `?state=${other}${phone ? "&width=phone" : ""}${still ? "&still" : ""}`;
  return (
    <div className="flex flex-wrap justify-between gap-2">
      <nav aria-label="States" className="flex flex-wrap gap-2">
        {GALLERY_STATES.map(({ name, title }) => (
          <a
            key={name}
            href={link(name, isPhone)}
            aria-current={name === state ? "page" : undefined}
            className={LINK}
          >
            {title}
          </a>
        ))}
      </nav>
      {/* A phone has that width already. */}
      <nav aria-label="Width" className="flex gap-2 max-sm:hidden">
        <a href={link(state, false)} aria-current={isPhone ? undefined : "page"} className={LINK}>
          This screen
        </a>
        <a href={link(state, true)} aria-current={isPhone ? "page" : undefined} className={LINK}>
          A phone's
        </a>
      </nav>
    </div>
  );
}
