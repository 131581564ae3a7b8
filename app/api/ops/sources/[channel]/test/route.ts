import { serve } from "@/app/_server/serve";

export const dynamic = "force-dynamic";
export const POST = serve<{ channel: string }>((endpoints, request, { channel }) =>
  endpoints.testSource(request, channel),
);
