"use client";

import { Monitor, Moon, Sun } from "lucide-react";
import { useTheme } from "next-themes";
import { useEffect, useState } from "react";

const THEMES = [
  { name: "system", word: "System", icon: Monitor },
  { name: "light", word: "Light", icon: Sun },
  { name: "dark", word: "Dark", icon: Moon },
] as const;

/** One button that says which theme is chosen and goes on to the next. */
export function ThemeSwitch({ className = "" }: { className?: string }) {
  const { theme, setTheme } = useTheme();
  // The choice lies in the browser, so the server cannot know it: the word has a fixed width.
  const [known, setKnown] = useState(false);
  useEffect(() => setKnown(true), []);
  const place = Math.max(
    0,
    THEMES.findIndex(({ name }) => known && name === theme),
  );
  const { word, icon: Icon } = THEMES[place]!;
  const next = THEMES[(place + 1) % THEMES.length]!;
  return (
    <button
      type="button"
      onClick={() => setTheme(next.name)}
      aria-label={`Theme: ${word}. Change to ${next.word}`}
      className={`touch h-9 items-center gap-2 rounded-card px-2 text-soft hover:bg-sunken hover:text-ink ${className}`}
    >
      <Icon aria-hidden className="size-[18px]" strokeWidth={1.75} />
      <span className="w-13 text-left sm:max-lg:sr-only">{word}</span>
    </button>
  );
}
