"use client";

import { useEffect, useRef, useState } from "react";

/** Who types is not interrupted at each letter, ms. */
const PAUSE_MS = 700;

/** Announces what a filter left once it was changed; that rows come and go under it is no news. */
export function FilterNews({ filter, text }: { filter: string; text: string }) {
  const newest = useRef(text);
  newest.current = text;
  const told = useRef(filter);
  const [said, say] = useState("");
  useEffect(() => {
    if (told.current === filter) return;
    const timer = setTimeout(() => {
      told.current = filter;
      say(newest.current);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [filter]);
  return (
    <p role="status" className="sr-only">
      {said}
    </p>
  );
}
