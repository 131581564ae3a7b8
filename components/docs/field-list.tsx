import type { IngestField } from "@/lib/shared/ingest-fields";
import { Term } from "./doc-card";

const TYPES: Record<IngestField["type"], string> = {
  number: "number",
  text: "text",
  time: "time: ms since 1970, or ISO 8601 with a zone",
  true: "true",
};

/** What can be sent: each field with its type, unit and meaning. On a phone one below the other. */
export function FieldList({ fields }: { fields: readonly IngestField[] }) {
  return (
    <dl className="-my-2 flex flex-col divide-y divide-line">
      {fields.map(({ name, title, type, unit, required, about }) => (
        <div key={name} className="grid gap-x-4 gap-y-1 py-2 sm:grid-cols-[10rem_minmax(0,1fr)]">
          <dt>
            <Term>{name}</Term>
            {required && <span className="ml-2 text-soft text-xs">required</span>}
          </dt>
          <dd className="min-w-0">
            {title}
            <span className="text-soft">
              {" · "}
              {TYPES[type]}
              {unit !== undefined && ` (${unit})`}
            </span>
            {about !== undefined && <span className="block text-soft text-xs">{about}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
