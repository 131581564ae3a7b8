import { taggedJson } from "../http/tagged-json";
import { parseHistoryQuery } from "./history-query";
import type { ReadHistory } from "./history-reader";

/**
 * A3: `GET /api/history?channel=&from=&to=[&metrics=a,b][&points=]`, times as ms or ISO 8601. Late readings change the
 * tag. Of a range that lies in the past `until` says nothing, so it is left out of the tag, which is a weak one.
 */
export async function answerHistory(read: ReadHistory, request: Request): Promise<Response> {
  const history = await read(parseHistoryQuery(new URL(request.url).searchParams));
  const { until, ...rest } = history;
  return taggedJson(request, history, until >= rest.to ? rest : { until, ...rest });
}
