import { type Saver, type SaverChoice, saverOf } from "@/lib/client/data-saver";
import type { LiveClient } from "@/lib/client/live-client";

const KEY = "nowboard:saver";

/** What is used of `navigator.connection`, which not every browser has. */
type Network = EventTarget & { saveData?: boolean };

const listeners = new Set<() => void>();
let current: Saver | undefined;

/** What holds now; the same object until it changes. Only in a browser. */
export function readSaver(): Saver {
  current ??= look();
  return current;
}

export function subscribeSaver(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** The viewer's choice, for all tabs of this browser and kept between visits. */
export function chooseSaver(choice: SaverChoice): void {
  try {
    if (choice === "auto") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, choice);
    update();
  } catch {
    // Storage may be refused: then it holds for this page.
    update(choice);
  }
}

/** Has the client save data whenever this browser or its viewer wants to. */
export function followSaver(client: LiveClient): void {
  const apply = () => client.spare(readSaver().isOn);
  subscribeSaver(apply);
  const changed = () => update();
  network()?.addEventListener("change", changed);
  reducedData().addEventListener("change", changed);
  // Another tab's choice.
  window.addEventListener("storage", ({ key }) => key === KEY && update());
  apply();
}

function update(choice?: SaverChoice): void {
  current = look(choice);
  for (const listener of listeners) listener();
}

function look(choice?: SaverChoice): Saver {
  const saveData = network()?.saveData;
  return saverOf({ remembered: choice ?? remembered(), saveData, prefersReduced: reducedData().matches });
}

function remembered(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

const network = () => (navigator as Navigator & { connection?: Network }).connection;
const reducedData = () => matchMedia("(prefers-reduced-data: reduce)");
