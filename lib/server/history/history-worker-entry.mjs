// A worker thread does not inherit the TypeScript loader of `node --import tsx` (nor vitest's), so this
// plain module registers it before anything else is loaded.
import { register } from "tsx/esm/api";

register();
await import("./history-worker.ts");
