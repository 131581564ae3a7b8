import { WaitingFor } from "@/components/cards/waiting-for";
import { sales } from "@/components/gallery/gallery-channels";
import { FeedTable } from "@/components/tables/feed-table";

const EXAMPLE = { item: "Green tea", customer: "Ada", amount: 4.5 };

export default function Example() {
  return (
    <FeedTable
      feed={sales.feed}
      empty={<WaitingFor what="the first sale" channel={sales.name} example={EXAMPLE} />}
    />
  );
}
