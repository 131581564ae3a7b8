/** The states in which the gallery shows every widget. */
export const GALLERY_STATES = [
  { name: "live", title: "Live", about: "Its source sends something each second." },
  { name: "late", title: "Late", about: "Nothing has come for longer than its channel promises." },
  { name: "stale", title: "Stale", about: "Nothing has come for more than three times as long." },
  { name: "lost", title: "Lost", about: "Nothing has come for minutes; its source says why." },
  {
    name: "disconnected",
    title: "Disconnected",
    about: "This browser has no connection; what is shown is last known.",
  },
  {
    name: "empty",
    title: "Empty",
    about:
      "Nothing has ever come. A line to copy makes the first thing appear, if only there were such a shop.",
  },
  {
    name: "error",
    title: "Error",
    about: "A mistake in a widget's code, inside a WidgetBoundary: the others go on.",
  },
] as const;

export type GalleryState = (typeof GALLERY_STATES)[number]["name"];

/** What a page's address asks for; live, unless it names a state. */
export function galleryState(asked: string | undefined): GalleryState {
  return GALLERY_STATES.find(({ name }) => name === asked)?.name ?? "live";
}
