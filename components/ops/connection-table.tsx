"use client";

import { useCallback } from "react";
import { useLocale, useRows } from "@/components/live/hooks";
import { EmptyNote } from "@/components/tables/empty-note";
import { LiveTable } from "@/components/tables/live-table";
import type { Row, TableRef } from "@/lib/shared/define-channel";
import { formatValue } from "@/lib/shared/format";
import { RowButton } from "./row-button";
import { useAsk } from "./use-ask";

const COLUMNS = ["connection", "page", "transport", "address", "since", "lag", "buffered"];
const PHONE_COLUMNS = ["page", "transport"];

/** The open connections of all nodes, each of which can be ended. */
export function ConnectionTable({ connections, nodes }: { connections: TableRef; nodes: TableRef }) {
  const { outcome, asking, ask } = useAsk();
  const note = useTotals(nodes, Object.keys(useRows(connections)).length);
  const action = useCallback(
    (id: string, row: Row, tabIndex: 0 | -1) => {
      const what = `${row.page ?? id} over ${row.transport}`;
      const path = `/api/ops/connections/${encodeURIComponent(id)}/disconnect`;
      return (
        <RowButton
          label={`Disconnect ${what}`}
          disabled={asking !== undefined}
          tabIndex={tabIndex}
          onClick={() => ask(path, { kind: "disconnect", what })}
        >
          {asking === path ? "Asking…" : "Disconnect"}
        </RowButton>
      );
    },
    [asking, ask],
  );
  return (
    <LiveTable
      table={connections}
      columns={COLUMNS}
      phoneColumns={PHONE_COLUMNS}
      action={action}
      outcome={outcome}
      note={note}
      empty={
        <EmptyNote
          title="Nobody is connected"
          text="Each page that is open in a browser appears here within two seconds, with its transport."
        />
      }
    />
  );
}

/** How many there are beside those that are listed. */
function useTotals(nodes: TableRef, shown: number): string {
  const { locale } = useLocale();
  const rows = Object.values(useRows(nodes));
  const sum = (column: string) => rows.reduce((total, row) => total + Number(row[column] ?? 0), 0);
  const open = sum("socket") + sum("sse") + sum("longPoll");
  const polling = sum("poll");
  const count = (value: number) => formatValue(value, { unit: "count" }, locale).exact;
  const parts = [
    open > shown + 10 &&
      `Showing ${count(shown)} of ${count(open)} connections: those furthest behind and the newest`,
    polling > 0 && `${count(polling)} more ${polling === 1 ? "viewer polls" : "viewers poll"} now and then`,
  ].filter(Boolean);
  return parts.join(" · ");
}
