import type { ReactNode } from "react";

interface RowButtonProps {
  children: ReactNode;
  /** What it does to whom, for those who do not see the row. */
  label: string;
  disabled: boolean;
  /** It does what it was pressed for: it does nothing else meanwhile, and keeps the focus. */
  busy?: boolean;
  tabIndex: 0 | -1;
  onClick: () => void;
}

/** A quiet button at the end of a table's row. */
export function RowButton({ children, label, disabled, busy = false, tabIndex, onClick }: RowButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      disabled={disabled}
      aria-disabled={busy || undefined}
      tabIndex={tabIndex}
      onClick={busy ? undefined : onClick}
      className="needs-script touch h-7 rounded-card border border-line px-2 text-soft text-xs hover:border-line-strong hover:text-ink disabled:opacity-50 aria-disabled:opacity-50"
    >
      {children}
    </button>
  );
}
