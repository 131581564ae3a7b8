import { serve } from "@/app/_server/serve";

export const dynamic = "force-dynamic";
export const GET = serve((endpoints, request) => endpoints.annotations(request));
export const POST = serve((endpoints, request) => endpoints.annotate(request));
