import { serve } from "@/app/_server/serve";

export const dynamic = "force-dynamic";
export const DELETE = serve<{ key: string }>((endpoints, request, { key }) =>
  endpoints.removeAnnotation(request, key),
);
