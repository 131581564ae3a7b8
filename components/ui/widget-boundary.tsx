"use client";

import { TriangleAlert } from "lucide-react";
import { Component, type ReactNode } from "react";

interface WidgetBoundaryProps {
  /** What could not be shown. */
  title: string;
  children: ReactNode;
}

/**
 * Around a widget whose code may fail: a mistake in it is said in its place, and the rest of the page goes on. What fails
 * while the server renders is not caught here.
 */
export class WidgetBoundary extends Component<WidgetBoundaryProps, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <div
        role="alert"
        className="flex min-w-0 flex-col items-start gap-2 rounded-card border border-line bg-surface p-4"
      >
        <p className="flex items-center gap-2 font-medium">
          <TriangleAlert aria-hidden className="size-4 shrink-0 text-bad" />
          {this.props.title} could not be shown
        </p>
        <p className="text-soft">
          There is a mistake in its code. Its data is still collected, and the rest of this page goes on.
        </p>
        <button
          type="button"
          onClick={() => this.setState({ hasFailed: false })}
          className="touch h-9 rounded-card border border-line-strong px-3 hover:bg-sunken"
        >
          Try again
        </button>
      </div>
    );
  }
}
