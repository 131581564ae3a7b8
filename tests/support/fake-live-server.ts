import { MemoryServer } from "@/lib/client/in-memory/memory-server";
import { type Channel, defineChannel } from "@/lib/shared/define-channel";
import type { FakeBrowser } from "./fake-browser";

function channelNamed(name: string): Channel {
  const common = { name, title: name, cadence: 1000, maxAge: 5000, filledBy: "ingest" } as const;
  if (name.startsWith("table"))
    return defineChannel({
      ...common,
      kind: "table",
      key: "k",
      columns: { k: { title: "K", type: "text" } },
    });
  if (name.startsWith("feed"))
    return defineChannel({ ...common, kind: "feed", keep: 5, fields: { n: { title: "N", type: "number" } } });
  const metrics = { x: { title: "X", unit: "count" }, y: { title: "Y", unit: "count" } } as const;
  return defineChannel({ ...common, kind: "record", metrics });
}

/** A server in memory for a fake browser, with channels whose names say of which kind they are. */
export class FakeLiveServer extends MemoryServer {
  constructor(browser: FakeBrowser, names: readonly string[]) {
    super({ wall: () => browser.wallTime, after: browser.elsewhere }, names.map(channelNamed));
    browser.transports = this.transports;
  }
}
