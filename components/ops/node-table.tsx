"use client";

import { useCallback, useState } from "react";
import { useRows } from "@/components/live/hooks";
import { EmptyNote } from "@/components/tables/empty-note";
import { LiveTable } from "@/components/tables/live-table";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import type { Row, TableRef } from "@/lib/shared/define-channel";
import { RowButton } from "./row-button";
import { useAsk } from "./use-ask";

const COLUMNS = [
  ...["node", "host", "version", "state", "started"],
  ...["socket", "sse", "longPoll", "poll"],
  ...["lag", "frames", "bytes", "loopDelay", "memory"],
];
const CLUSTER_COLUMNS = [...COLUMNS, "redis"];
const PHONE_COLUMNS = ["node", "state", "lag"];

const drainPath = (node: string) => `/api/ops/nodes/${encodeURIComponent(node)}/drain`;

/** The nodes of the deployment. Where there are several, one can be asked to send its viewers to the others. */
export function NodeTable({ nodes }: { nodes: TableRef }) {
  const { outcome, asking, ask } = useAsk();
  const [toDrain, setToDrain] = useState<string>();
  const rows = Object.values(useRows(nodes));
  const isCluster = rows.some(({ redis }) => redis !== null && redis !== undefined) || rows.length > 1;
  const isAlone = rows.length < 2;
  const action = useCallback(
    (node: string, row: Row, tabIndex: 0 | -1) => (
      <RowButton
        label={`Drain ${node}`}
        disabled={asking !== undefined || row.state === "Draining" || isAlone}
        tabIndex={tabIndex}
        onClick={() => setToDrain(node)}
      >
        {asking === drainPath(node) ? "Asking…" : "Drain"}
      </RowButton>
    ),
    [asking, isAlone],
  );
  return (
    <>
      <LiveTable
        table={nodes}
        vitals
        columns={isCluster ? CLUSTER_COLUMNS : COLUMNS}
        phoneColumns={PHONE_COLUMNS}
        action={isCluster ? action : undefined}
        outcome={outcome}
        note={isCluster && sourcesNote(rows)}
        empty={
          <EmptyNote
            title="No node has told of itself yet"
            text="Each does so every two seconds. Until then the numbers on this page are not known."
          />
        }
      />
      <ConfirmDialog
        open={toDrain !== undefined}
        title={`Drain ${toDrain}?`}
        text={`${viewersMove(rows, toDrain)} Then its process ends; whoever started it may start it again.`}
        confirm="Drain"
        cancel="Keep it running"
        onClose={(isConfirmed) => {
          if (isConfirmed && toDrain) ask(drainPath(toDrain), { kind: "drain", what: toDrain });
          setToDrain(undefined);
        }}
      />
    </>
  );
}

/** Which node reads the pull sources; they move by themselves when it ends. */
function sourcesNote(rows: Row[]): string {
  const readers = rows.filter(({ sources }) => sources).map(({ node }) => node);
  return readers.length > 0
    ? `The pull sources run on ${readers.join(", ")}`
    : "The pull sources are about to move to another node";
}

function viewersMove(rows: Row[], node: string | undefined): string {
  const count = Number(rows.find((row) => row.node === node)?.viewers ?? 0);
  if (count === 0) return "It has no viewers now.";
  const who = count === 1 ? "Its viewer moves" : `Its ${count} viewers move`;
  return `${who} to the other nodes within seconds, and nothing is missed.`;
}
