import { cores } from "@/lib/channels/host-cores";
import { defineSource } from "../define-source";
import { coreTimes, shares } from "./host";

/** How busy each core was since the last reading. Costs about a tenth of a millisecond. */
export function coresSource() {
  let last = coreTimes();
  return defineSource({
    channel: cores,
    target: "This machine",
    read: async () => {
      const before = last;
      last = coreTimes();
      return last.slice(0, cores.maxRows).map((times, i) => {
        const { use, user, system } = shares(before[i] ?? times, times);
        return { core: String(i), use: rounded(use), user: rounded(user), system: rounded(system) };
      });
    },
  });
}

/** To what is shown, so that an idle core's row stays as it is. */
function rounded(percent: number | null): number | null {
  return percent === null ? null : Math.round(10 * percent) / 10;
}
