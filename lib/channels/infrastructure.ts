import { defineChannel } from "@/lib/shared/define-channel";

/** The machine that Nowboard runs on. */
export const infrastructure = defineChannel({
  kind: "record",
  name: "infrastructure",
  title: "Infrastructure",
  cadence: 1000,
  maxAge: 5000,
  filledBy: "source",
  metrics: {
    cpu: {
      title: "CPU",
      unit: "percent",
      good: "down",
      digits: 1,
      min: 0,
      max: 100,
      about: "Share of all processor cores in use since the last reading.",
    },
    load: {
      title: "Load",
      unit: "none",
      good: "down",
      digits: 2,
      min: 0,
      about: "How many processes ran or waited to run, averaged over one minute.",
    },
    memory: {
      title: "Memory",
      unit: "percent",
      good: "down",
      digits: 1,
      min: 0,
      max: 100,
      about: "Share of the memory that programs could not get without swapping.",
    },
    memoryUsed: {
      title: "Memory used",
      unit: "bytes",
      good: "down",
      min: 0,
      about: "All memory less what is available to programs.",
    },
    disk: {
      title: "Disk",
      unit: "percent",
      good: "down",
      digits: 1,
      min: 0,
      max: 100,
      about: "Share in use of the file system that holds the data folder.",
    },
    diskFree: {
      title: "Disk free",
      unit: "bytes",
      good: "up",
      min: 0,
      about: "Bytes that Nowboard can still write on the file system that holds the data folder.",
    },
    networkIn: {
      title: "Network in",
      unit: "bytesPerSecond",
      min: 0,
      about: "Bytes received by all network interfaces but the loopback.",
    },
    networkOut: {
      title: "Network out",
      unit: "bytesPerSecond",
      min: 0,
      about: "Bytes sent by all network interfaces but the loopback.",
    },
  },
});
