import { serve } from "@/app/_server/serve";

export const dynamic = "force-dynamic";
export const GET = serve((endpoints, request) => endpoints.openApi(request));
