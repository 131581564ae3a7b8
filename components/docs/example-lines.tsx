"use client";

import { CopyLine } from "@/components/ui/copy-line";
import { useOrigin } from "@/components/ui/use-origin";
import {
  curlExample,
  type LinesFor,
  nodeExample,
  pythonExample,
  repeatableExample,
  socketExample,
  streamExample,
} from "./ingest-lines";

const EXAMPLES = {
  curl: curlExample,
  node: nodeExample,
  python: pythonExample,
  stream: streamExample,
  repeatable: repeatableExample,
  socket: socketExample,
} as const;

interface ExampleProps extends LinesFor {
  name: keyof typeof EXAMPLES;
}

/** Lines to copy, with the address that this page came from; `origin` is that as the server knows it. */
export function Example({ name, origin: served, ...of }: ExampleProps) {
  const origin = useOrigin(served);
  return <CopyLine text={EXAMPLES[name]({ ...of, origin })} name={name} />;
}
