import { serve } from "@/app/_server/serve";

export const dynamic = "force-dynamic";
export const POST = serve<{ id: string }>((endpoints, request, { id }) => endpoints.drain(request, id));
