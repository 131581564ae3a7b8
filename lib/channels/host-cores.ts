import { defineChannel } from "@/lib/shared/define-channel";

const share = { type: "number", unit: "percent", digits: 1 } as const;

/** The processor cores of the machine that Nowboard runs on. */
export const cores = defineChannel({
  kind: "table",
  name: "cores",
  title: "Processor cores",
  cadence: 2000,
  maxAge: 10_000,
  filledBy: "source",
  key: "core",
  maxRows: 2000,
  columns: {
    core: { title: "Core", type: "text" },
    use: { title: "In use", ...share },
    user: { title: "Programs", ...share },
    system: { title: "Kernel", ...share },
  },
});
