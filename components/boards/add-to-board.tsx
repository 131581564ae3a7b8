"use client";

import { Check, LayoutGrid } from "lucide-react";
import { useState } from "react";
import { createPortal } from "react-dom";
import { MenuItem } from "@/components/ui/menu-item";
import { type Pick, widgetId } from "@/lib/shared/boards/board";
import { withPick } from "@/lib/shared/boards/shelf";
import { useShelf } from "./use-shelf";

/** In the menu of what can stand on a board. */
export function AddToBoard({ pick }: { pick: Pick | undefined }) {
  const { store, reading } = useShelf(pick !== undefined);
  const [said, say] = useState("");
  if (!pick) return null;
  const board = reading?.current;
  const isThere = board?.widgets.some((widget) => widgetId(widget) === widgetId(pick));
  const add = () => {
    if (!store) return;
    const refusal = store.change((shelf) => withPick(shelf, pick, store.newId()));
    say(refusal ?? `Added to ${store.read().current?.name}.`);
  };
  return (
    <>
      <MenuItem
        icon={isThere ? Check : LayoutGrid}
        choose={add}
        stays
        disabled={isThere || store === undefined}
      >
        {isThere ? `On ${board?.name}` : said || "Add to my board"}
      </MenuItem>
      {/* A menu holds what can be chosen, and nothing else. */}
      {createPortal(
        <p role="status" className="sr-only">
          {said}
        </p>,
        document.getElementById("content") ?? document.body,
      )}
    </>
  );
}
