/** Where in a table's card the focus is, so that it can be found again in another one of the same look. */
export interface Focus {
  /** Matches the focused element, or the part around it. */
  part: string;
  /** Which of the things in that part that can have the focus; -1: the part itself. */
  nth: number;
  /** The caret or selection of a text field. */
  caret?: [from: number, to: number];
}

const FOCUSABLE = "button, input, a[href]";

/** `undefined` when the focus is not in the card. */
export function focusIn(card: HTMLElement): Focus | undefined {
  const active = document.activeElement;
  if (!(active instanceof HTMLElement) || !card.contains(active)) return undefined;
  const row = active.closest<HTMLElement>("[data-key]");
  const around = row ?? card;
  const part = row ? `[data-key="${CSS.escape(row.dataset.key!)}"]` : "";
  const nth = active === row ? -1 : [...around.querySelectorAll(FOCUSABLE)].indexOf(active);
  if (!(active instanceof HTMLInputElement)) return { part, nth };
  return { part, nth, caret: [active.selectionStart ?? 0, active.selectionEnd ?? 0] };
}

export function giveFocus(card: HTMLElement, { part, nth, caret }: Focus): void {
  const around = part ? card.querySelector<HTMLElement>(part) : card;
  const element = nth < 0 ? around : around?.querySelectorAll<HTMLElement>(FOCUSABLE)[nth];
  element?.focus({ preventScroll: true });
  if (caret && element instanceof HTMLInputElement) element.setSelectionRange(...caret);
}
