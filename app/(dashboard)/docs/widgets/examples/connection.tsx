import { galleryChannels } from "@/components/gallery/gallery-channels";
import { ConnectionBar } from "@/components/live/connection-bar";
import { ConnectionIndicator } from "@/components/live/connection-indicator";

export default function Example() {
  return (
    <>
      <ConnectionIndicator channels={galleryChannels} />
      <ConnectionBar />
    </>
  );
}
