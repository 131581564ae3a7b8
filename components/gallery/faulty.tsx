"use client";

import { type ReactNode, useEffect, useState } from "react";

/** What a mistake in a widget's code does: once it runs in the browser, it throws. */
export function Faulty({ children }: { children: ReactNode }) {
  const [runs, setRuns] = useState(false);
  useEffect(() => setRuns(true), []);
  if (runs) throw new Error("A mistake in a widget's code, on purpose");
  return children;
}
