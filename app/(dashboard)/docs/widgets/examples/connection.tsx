import { galleryChannels } from "@/components/gallery/gallery-channels";
import { ConnectionIndicator } from "@/components/live/connection-indicator";

export default function Example() {
  return <ConnectionIndicator channels={galleryChannels} />;
}
