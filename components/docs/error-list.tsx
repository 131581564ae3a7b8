import { CODES } from "@/lib/shared/codes";
import { INGEST_CODES, INGEST_ERRORS, type IngestCode } from "@/lib/shared/ingest-errors";
import { Term } from "./doc-card";

/** Every code that a producer may get, in the order of their statuses, with what to do. */
export function ErrorList() {
  return (
    <dl className="-my-2 flex flex-col divide-y divide-line" data-testid="ingest-errors">
      {byAdvice().map(({ status, codes, advice }) => (
        <div key={codes[0]} className="grid gap-x-4 gap-y-1 py-2 sm:grid-cols-[3rem_14rem_minmax(0,1fr)]">
          <dt className="contents">
            <span className="text-soft tabular-nums">{status}</span>
            <span className="flex flex-col items-start gap-1">
              {codes.map((code) => (
                <Term key={code}>{code}</Term>
              ))}
            </span>
          </dt>
          <dd className="min-w-0">{advice}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Codes of one status about which one does the same stand together. */
function byAdvice() {
  const rows: { status: number; codes: IngestCode[]; advice: string }[] = [];
  for (const code of [...INGEST_CODES].sort((a, b) => CODES[a].status - CODES[b].status)) {
    const [status, advice] = [CODES[code].status, INGEST_ERRORS[code]];
    const row = rows.find((one) => one.status === status && one.advice === advice);
    if (row) row.codes.push(code);
    else rows.push({ status, codes: [code], advice });
  }
  return rows;
}
