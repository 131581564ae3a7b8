import "server-only";
import type { Runtime } from "@/lib/server/runtime";
import { getRuntime } from "@/lib/server/runtime-slot";

/** Makes a route handler of something that the runtime answers. `Params` are the route's own. */
export function serve<Params = object>(
  answer: (endpoints: Runtime["endpoints"], request: Request, params: Params) => Promise<Response>,
) {
  return async (request: Request, context: { params: Promise<Params> }): Promise<Response> =>
    answer(getRuntime().endpoints, request, await context.params);
}
