"use client";

import { Menu } from "@base-ui/react/menu";
import { FileSpreadsheet, ImageDown, TableProperties } from "lucide-react";
import { useState } from "react";
import { AddToBoard } from "@/components/boards/add-to-board";
import { MenuItem } from "@/components/ui/menu-item";
import type { PanelProps } from "@/components/ui/panel-button";
import { drawImage } from "./chart-image";
import type { ModelRef } from "./chart-menu-button";
import { chartCsv, fileName } from "./chart-sheet";
import type { ChartSnapshot } from "./chart-snapshot";
import { ChartTable } from "./chart-table";
import { snapshotOf } from "./snapshot-of";

/** How long the browser may take to begin a download before its data is let go, ms. */
const DOWNLOAD_MS = 60_000;

/** What can be had of a chart: as it is at the moment of the choice. */
export default function ChartMenu({ anchor, open, setOpen, model }: PanelProps & { model: ModelRef }) {
  const [shown, setShown] = useState<ChartSnapshot>();
  const take = (use: (snapshot: ChartSnapshot) => void) => () => {
    const read = model.current;
    if (read) use(snapshotOf(read()));
  };
  const closeTable = () => {
    setShown(undefined);
    anchor.current?.focus();
  };
  const saveCsv = (snapshot: ChartSnapshot) => {
    // A spreadsheet takes a file without the mark for one of its own old encodings.
    const csv = new Blob(["\ufeff", chartCsv(snapshot)], { type: "text/csv;charset=utf-8" });
    save(csv, fileName(snapshot.name, snapshot.now, "csv"));
  };
  const saveImage = async (snapshot: ChartSnapshot) =>
    save(await drawImage(snapshot), fileName(snapshot.name, snapshot.now, "png"));
  return (
    <>
      <Menu.Root
        open={open}
        modal={false}
        onOpenChange={(next, { event }) => {
          // A press on the button closes the menu through the button itself, else it would open again.
          if (!next && event.target instanceof Node && anchor.current?.contains(event.target)) return;
          setOpen(next);
        }}
      >
        {/* Inside a landmark, where a screen reader that goes by them comes to it; out of its flow. */}
        <Menu.Portal
          container={document.getElementById("content") ?? undefined}
          className="absolute inset-x-0 top-0"
        >
          <Menu.Positioner
            anchor={anchor}
            side="bottom"
            align="end"
            sideOffset={4}
            collisionPadding={8}
            className="z-40"
          >
            <Menu.Popup
              finalFocus={anchor}
              className="min-w-44 rounded-card border border-line-strong/60 bg-raised p-1 text-ink outline-none"
            >
              <MenuItem icon={TableProperties} choose={take(setShown)}>
                Show as table
              </MenuItem>
              <MenuItem icon={FileSpreadsheet} choose={take(saveCsv)}>
                Download CSV
              </MenuItem>
              <MenuItem icon={ImageDown} choose={take((snapshot) => void saveImage(snapshot))}>
                Download PNG
              </MenuItem>
              <AddToBoard pick={pickIn(model)} />
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
      {shown && <ChartTable snapshot={shown} close={closeTable} />}
    </>
  );
}

/** The same chart for a board; none while there is nothing to show, or no board can hold it. */
function pickIn(model: ModelRef) {
  const shown = model.current?.();
  return shown && "pick" in shown ? shown.pick : undefined;
}

function save(data: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(data);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), DOWNLOAD_MS);
}
