import { interfaces } from "@/lib/channels/host-interfaces";
import { defineSource } from "../define-source";
import { type InterfaceCounters, type NetworkCounters, networkReader, perSecond } from "./host";

interface InterfacesDeps {
  read?: ReturnType<typeof networkReader>;
}

/** What crosses each network interface. Costs about 0.3 ms on Linux. */
export function interfacesSource({ read = networkReader() }: InterfacesDeps = {}) {
  let last: NetworkCounters | null = null;
  let rows: ReturnType<typeof rowOf>[] = [];
  return defineSource({
    channel: interfaces,
    target: "This machine",
    read: async ({ now }) => {
      const newest = await read(now);
      if (!newest) throw new Error("This machine does not tell its network counters");
      const before = last;
      // Where they are read in the background, the same figures may come again.
      if (newest.at !== before?.at) {
        const known = new Map(before?.interfaces.map((one) => [one.name, one]));
        const ms = newest.at - (before?.at ?? newest.at);
        rows = newest.interfaces
          .slice(0, interfaces.maxRows)
          .map((one) => rowOf(known.get(one.name), one, ms));
      }
      last = newest;
      return rows;
    },
  });
}

function rowOf(from: InterfaceCounters | undefined, to: InterfaceCounters, ms: number) {
  const rate = (count: "in" | "out" | "packetsIn" | "packetsOut") => {
    const [before, after] = [from?.[count] ?? null, to[count]];
    const value = before === null || after === null ? null : perSecond(before, after, ms);
    return value === null ? null : Math.round(value);
  };
  return {
    ...{ interface: to.name, in: rate("in"), out: rate("out") },
    ...{ packetsIn: rate("packetsIn"), packetsOut: rate("packetsOut"), errors: to.errors },
  };
}
