import { MapPinOff } from "lucide-react";
import type { Metadata } from "next";
import { PAGES } from "@/components/shell/pages";
import { MessagePage, SECONDARY_ACTION } from "@/components/ui/message-page";

export const metadata: Metadata = { title: "Not found" };

export default function NotFound() {
  return (
    <MessagePage
      icon={MapPinOff}
      title="There is no page here"
      actions={PAGES.map(({ href, title }) => (
        <a key={href} href={href} className={SECONDARY_ACTION}>
          {title}
        </a>
      ))}
    >
      <p>The address may be mistyped, or the page has moved. These pages are here:</p>
    </MessagePage>
  );
}
