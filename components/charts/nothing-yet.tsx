import { CircleDashed } from "lucide-react";

/** Stands in a chart's plot until there was ever any data. */
export function NothingYet() {
  return (
    <p className="flex items-center justify-center gap-2 text-soft">
      <CircleDashed aria-hidden className="size-4" />
      It begins with the first reading
    </p>
  );
}
