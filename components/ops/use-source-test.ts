"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import { useRows } from "@/components/live/hooks";
import type { Row, TableRef } from "@/lib/shared/define-channel";
import { outcomeWords } from "./ops-words";
import { post } from "./post";
import { silentWords, testWords } from "./source-words";

/** A read takes ten seconds at most, and its row comes within another one; ms. */
const PATIENCE_MS = 12_000;
/** How long the outcome is shown, ms. */
const SHOWN_MS = 15_000;

interface Test {
  channel: string;
  /** Its row when it was asked. */
  before: Row;
  isAsked: boolean;
}

/**
 * Asks a source for news, and follows its row until that shows what came of it. Who asks another one meanwhile hears
 * of that.
 */
export function useSourceTest(sources: TableRef): {
  outcome: string | undefined;
  /** The channel of the source that is being tested. */
  testing: string | undefined;
  test(channel: string, row: Row): void;
} {
  const rows = useRows(sources);
  const [test, setTest] = useState<Test>();
  const [outcome, setOutcome] = useState<string>();
  const newest = useRef<Test>(undefined);

  const words = test?.isAsked ? testWords(test.before, rows[test.channel]) : undefined;
  useEffect(() => {
    if (words === undefined) return;
    setOutcome(words);
    setTest(undefined);
  }, [words]);

  useEffect(() => {
    if (!test?.isAsked) return;
    const timer = setTimeout(() => {
      setOutcome(silentWords(test.before));
      setTest(undefined);
    }, PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [test]);

  useEffect(() => {
    if (outcome === undefined || test) return;
    const timer = setTimeout(() => setOutcome(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome, test]);

  const begin = useCallback(async (channel: string, before: Row) => {
    const begun: Test = { channel, before, isAsked: false };
    newest.current = begun;
    setTest(begun);
    setOutcome(undefined);
    const answer = await post(`/api/ops/sources/${encodeURIComponent(channel)}/test`);
    if (newest.current !== begun) return;
    setOutcome(outcomeWords({ kind: "test", what: String(before.title) }, answer));
    setTest(answer === "done" ? { ...begun, isAsked: true } : undefined);
  }, []);
  return { outcome, testing: test?.channel, test: begin };
}
