"use client";

import { useCallback, useEffect, useState } from "react";
import { type Ask, outcomeWords } from "./ops-words";
import { post } from "./post";

/** How long the outcome is shown, ms. */
const SHOWN_MS = 15_000;

/** Asks the server for something that an operator wants. One at a time; `asking` is the path of the one under way. */
export function useAsk(): {
  outcome: string | undefined;
  asking: string | undefined;
  ask(path: string, ask: Ask): void;
} {
  const [outcome, setOutcome] = useState<string>();
  const [asking, setAsking] = useState<string>();
  useEffect(() => {
    if (outcome === undefined) return;
    const timer = setTimeout(() => setOutcome(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const ask = useCallback((path: string, asked: Ask) => {
    setAsking(path);
    setOutcome(undefined);
    void post(path).then((answer) => {
      setAsking(undefined);
      setOutcome(outcomeWords(asked, answer));
    });
  }, []);
  return { outcome, asking, ask };
}
