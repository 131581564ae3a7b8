import type { ComponentProps } from "react";

/** Stands in for `next/link`. */
export default function Link(props: ComponentProps<"a">) {
  return <a {...props} />;
}
