"use client";

import { useCallback, useEffect, useState } from "react";
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

/** Asks a source for news, and follows its row until that shows what came of it. One at a time. */
export function useSourceTest(sources: TableRef): {
  outcome: string | undefined;
  /** The channel of the source that is being tested. */
  testing: string | undefined;
  test(channel: string, row: Row): void;
} {
  const rows = useRows(sources);
  const [test, setTest] = useState<Test>();
  const [outcome, setOutcome] = useState<string>();

  const row = test && rows[test.channel];
  const words = test?.isAsked ? testWords(test.before, row) : undefined;
  useEffect(() => {
    if (words === undefined) return;
    setOutcome(words);
    setTest(undefined);
  }, [words]);

  const isAsked = test?.isAsked === true;
  useEffect(() => {
    if (!isAsked) return;
    const timer = setTimeout(() => {
      setTest((asked) => {
        if (asked) setOutcome(silentWords(asked.before));
        return undefined;
      });
    }, PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [isAsked]);

  useEffect(() => {
    if (outcome === undefined || test) return;
    const timer = setTimeout(() => setOutcome(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome, test]);

  const begin = useCallback((channel: string, before: Row) => {
    const ask = { kind: "test", what: String(before.title) } as const;
    setTest({ channel, before, isAsked: false });
    setOutcome(undefined);
    void post(`/api/ops/sources/${encodeURIComponent(channel)}/test`).then((answer) => {
      setOutcome(outcomeWords(ask, answer));
      setTest(answer === "done" ? { channel, before, isAsked: true } : undefined);
    });
  }, []);
  return { outcome, testing: test?.channel, test: begin };
}
