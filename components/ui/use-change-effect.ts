"use client";

import { type RefObject, useEffect, useRef } from "react";

/**
 * Plays a short animation on an element when `value` changes, never on the first one: what the server
 * rendered stands still. Nothing plays for people who asked for reduced motion.
 */
export function useChangeEffect<E extends HTMLElement>(
  value: unknown,
  keyframes: Keyframe[],
  duration: number,
): RefObject<E | null> {
  const element = useRef<E>(null);
  const before = useRef(value);
  // The keyframes are constants of the caller.
  const frames = useRef(keyframes);
  useEffect(() => {
    if (Object.is(before.current, value)) return;
    before.current = value;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    element.current?.animate(frames.current, { duration, easing: "ease-out" });
  }, [value, duration]);
  return element;
}
