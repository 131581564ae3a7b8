import { CODES } from "@/lib/shared/codes";
import { INGEST_CODES, INGEST_ERRORS } from "@/lib/shared/ingest-errors";
import { Term } from "./doc-card";

/** Every code that a producer may get, in the order of their statuses, with what to do. */
export function ErrorList() {
  const codes = [...INGEST_CODES].sort((a, b) => CODES[a].status - CODES[b].status);
  return (
    <dl className="-my-2 flex flex-col divide-y divide-line" data-testid="ingest-errors">
      {codes.map((code) => (
        <div key={code} className="grid gap-x-4 gap-y-1 py-2 sm:grid-cols-[3rem_14rem_minmax(0,1fr)]">
          <dd className="text-soft tabular-nums max-sm:hidden">{CODES[code].status}</dd>
          <dt>
            <span className="mr-2 text-soft tabular-nums sm:hidden">{CODES[code].status}</span>
            <Term>{code}</Term>
          </dt>
          <dd className="min-w-0">
            {INGEST_ERRORS[code]}
            {CODES[code].retry && <span className="text-soft"> May pass later.</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
