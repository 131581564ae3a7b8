import { defineChannel } from "@/lib/shared/define-channel";

const bytes = { type: "number", unit: "bytesPerSecond" } as const;
const packets = { type: "number", unit: "perSecond", digits: 0 } as const;

/** The network interfaces of the machine that Nowboard runs on, without the loopback and those within the machine. */
export const interfaces = defineChannel({
  kind: "table",
  name: "interfaces",
  title: "Network interfaces",
  cadence: 2000,
  maxAge: 10_000,
  filledBy: "source",
  key: "interface",
  maxRows: 1000,
  columns: {
    interface: { title: "Interface", type: "text" },
    in: { title: "In", ...bytes },
    out: { title: "Out", ...bytes },
    packetsIn: { title: "Packets in", ...packets },
    packetsOut: { title: "Packets out", ...packets },
    errors: { title: "Errors", type: "number", unit: "count", digits: 0 },
  },
});
