"use client";

import type { RefObject } from "react";
import { useConnection } from "@/components/live/hooks";
import { PanelButton } from "@/components/ui/panel-button";
import type { ChartModel } from "./snapshot-of";

const loadMenu = () => import("./chart-menu");

/** How a chart hands out what it shows; set while it has something to show. */
export type ModelRef = RefObject<(() => ChartModel) | null>;

/** Offers a chart's table and files. It needs a script anyway, so it is no part of the page's first load. */
export default function ChartMenuButton({ title, model }: { title: string; model: ModelRef }) {
  const { status } = useConnection();
  return (
    <PanelButton
      load={loadMenu}
      mayLoad={status === "live"}
      panel={{ model }}
      opens="menu"
      label={`${title}: table and downloads`}
      data-chart-menu
      className="needs-script kiosk:hidden -my-2 -mr-2 justify-center text-soft hover:text-ink pointer-coarse:-my-3"
    >
      <span aria-hidden className="w-4 text-center font-bold">
        ⋯
      </span>
    </PanelButton>
  );
}
