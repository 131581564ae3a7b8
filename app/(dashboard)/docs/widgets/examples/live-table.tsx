import { WaitingFor } from "@/components/cards/waiting-for";
import { shelves } from "@/components/gallery/gallery-channels";
import { LiveTable } from "@/components/tables/live-table";

const EXAMPLE = { shelf: "A1", item: "Green tea", left: 40, sold: 2 };

export default function Example() {
  return (
    <LiveTable
      table={shelves.table}
      empty={<WaitingFor what="the first shelf" channel={shelves.name} example={EXAMPLE} />}
    />
  );
}
