"use client";

import type { ReactNode } from "react";
import { FreshnessNote } from "@/components/cards/freshness-note";
import { useConnection, useFreshness } from "@/components/live/hooks";
import { afterPaint } from "@/components/ui/after-paint";
import { useLazy } from "@/components/ui/use-lazy";
import { WidgetBoundary } from "@/components/ui/widget-boundary";
import type { MetricRef, TableRef } from "@/lib/shared/define-channel";
import type { ModelRef } from "./chart-menu-button";

const loadMenuButton = () => afterPaint().then(() => import("./chart-menu-button"));

interface ChartFrameProps {
  title: string;
  /** For tests and links; unique on the page. */
  name: string;
  /** Whose age is told. */
  of: MetricRef | TableRef;
  /** Stands in the plot's place until there was ever any data. */
  empty: ReactNode;
  model: ModelRef;
  children: ReactNode;
}

/** What all charts have around them: a name, how fresh they are, and a menu. */
export function ChartFrame({ title, name, of, empty, model, children }: ChartFrameProps) {
  const { freshness } = useFreshness(of.channel, of.maxAge);
  const MenuButton = useLazy(loadMenuButton, useConnection().status === "live");
  const isEmpty = freshness === "empty";
  return (
    <figure
      data-testid={`chart-${name}`}
      aria-label={title}
      className="@container flex min-w-0 flex-col gap-1 rounded-card border border-line bg-surface p-3 sm:p-4"
    >
      <div className="flex h-5 items-center gap-2">
        <h2 className="mr-auto truncate font-medium text-sm">{title}</h2>
        <FreshnessNote of={of} brief />
        {!isEmpty && <div className="w-6">{MenuButton && <MenuButton title={title} model={model} />}</div>}
      </div>
      {isEmpty ? (
        <div className="grid min-h-62.5 items-center py-2 md:min-h-72.5 in-data-fill:xl:min-h-0 in-data-fill:xl:flex-1 in-data-fill:xl:overflow-y-auto">
          {empty}
        </div>
      ) : (
        <WidgetBoundary title={title}>{children}</WidgetBoundary>
      )}
    </figure>
  );
}
