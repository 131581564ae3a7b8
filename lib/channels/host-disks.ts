import { defineChannel } from "@/lib/shared/define-channel";

const share = { type: "number", unit: "percent", digits: 1 } as const;
const bytes = { type: "number", unit: "bytes" } as const;

/** The file systems of the machine that Nowboard runs on that hold data. One that does not answer has no figures. */
export const disks = defineChannel({
  kind: "table",
  name: "disks",
  title: "Disks",
  cadence: 10_000,
  maxAge: 30_000,
  filledBy: "source",
  key: "mount",
  maxRows: 1000,
  columns: {
    mount: { title: "Mount", type: "text" },
    device: { title: "Device", type: "text" },
    type: { title: "Type", type: "text" },
    use: { title: "In use", ...share },
    used: { title: "Used", ...bytes },
    free: { title: "Free", ...bytes },
    size: { title: "Size", ...bytes },
    files: { title: "File slots in use", ...share },
  },
});
