/** Whether to save data (H7): what the viewer chose on the page goes before what the browser asks for. */
export const SAVER_CHOICES = ["auto", "on", "off"] as const;
export type SaverChoice = (typeof SAVER_CHOICES)[number];

/** What a browser says about it; all of it may be missing. */
export interface SaverSigns {
  /** The viewer's choice as it was remembered. */
  remembered: string | null | undefined;
  /** The browser's or the system's data saver (`navigator.connection.saveData`). */
  saveData: boolean | undefined;
  /** The media query `prefers-reduced-data: reduce`. */
  prefersReduced: boolean;
}

export interface Saver {
  choice: SaverChoice;
  /** The browser asks to save data. */
  isAsked: boolean;
  /** One frame a second at most. */
  isOn: boolean;
}

/** Pure. A choice that is not known is none. */
export function saverOf({ remembered, saveData, prefersReduced }: SaverSigns): Saver {
  const choice = SAVER_CHOICES.find((name) => name === remembered) ?? "auto";
  const isAsked = saveData === true || prefersReduced;
  return { choice, isAsked, isOn: choice === "on" || (choice === "auto" && isAsked) };
}
