import type { Metadata } from "next";
import { readKeyNeed, readOrigin } from "@/app/_server/ingest";
import { ChannelLinks } from "@/components/docs/channel-links";
import { DocCard, DocLabel, Term } from "@/components/docs/doc-card";
import { ErrorList } from "@/components/docs/error-list";
import { Example } from "@/components/docs/example-lines";
import { FieldList } from "@/components/docs/field-list";
import { KEY_VARIABLE, keyExample } from "@/components/docs/ingest-lines";
import { CopyLine } from "@/components/ui/copy-line";
import { channels } from "@/lib/channels/registry";
import { ingestExample, ingestFields } from "@/lib/shared/ingest-fields";
import { DashboardPage, type PageProps } from "../../dashboard-page";

export const metadata: Metadata = { title: "Send data" };

const ingested = channels.filter(({ filledBy }) => filledBy === "ingest");

export default async function IngestPage({ searchParams }: PageProps) {
  const [{ channel: asked }, needsKey, origin] = await Promise.all([
    searchParams,
    readKeyNeed(),
    readOrigin(),
  ]);
  const channel = ingested.find(({ name }) => name === asked) ?? ingested[0]!;
  const of = { origin, channel: channel.name, example: ingestExample(channel), needsKey };
  return (
    <DashboardPage searchParams={searchParams} title="Send data" timeless channels={[channel]}>
      <ChannelLinks channels={ingested} current={channel.name} />
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 xl:grid-cols-2">
        <DocCard title={`Send to ${channel.title}`}>
          <DocLabel>From a terminal</DocLabel>
          <Example name="curl" {...of} />
          <DocLabel>From Node, without packages</DocLabel>
          <Example name="node" {...of} />
          <DocLabel>From Python, without packages</DocLabel>
          <Example name="python" {...of} />
          <p className="text-soft">
            The answer is 202 with <Term>accepted</Term> and <Term>cursor</Term> once it is stored. What was
            sent is then on every screen that shows {channel.title}. An array sends several at once: all of
            them are stored, or none.
          </p>
        </DocCard>
        <div className="flex min-w-0 flex-col gap-4">
          <DocCard title="Fields">
            <p className="text-soft">{WHAT[channel.kind]}</p>
            <FieldList fields={ingestFields(channel)} />
          </DocCard>
          <DocCard title="Key">
            {needsKey ? (
              <p className="text-soft">
                Producers show a key, which the lines here take from <Term>{KEY_VARIABLE}</Term>. On the
                server this makes one for {channel.title}; it is shown once:
              </p>
            ) : (
              <p className="text-soft">
                No key is needed at present. Once there is one, every producer needs one. On the server this
                makes one for {channel.title}; it is shown once:
              </p>
            )}
            <CopyLine text={keyExample(of)} />
          </DocCard>
        </div>
        <DocCard title="Send it again without harm">
          <p className="text-soft">
            When an answer is lost, send the same again with the same <Term>Idempotency-Key</Term>: within a
            day it is stored once, and gets the same answer. With another body the key is refused.
          </p>
          <Example name="repeatable" {...of} />
        </DocCard>
        <DocCard title="Send a stream">
          <p className="text-soft">
            Lines of JSON without an end: each group is stored as it arrives, and answered with a line that
            says which lines were stored. Too fast, it is slowed down.
          </p>
          <Example name="stream" {...of} />
        </DocCard>
        <DocCard title="Keep a connection">
          <p className="text-soft">
            Over Socket.IO, with the same checks and limits. A message holds at most 64 kB, and at most 16
            wait for their answer. Needs the package <Term>socket.io-client</Term>.
          </p>
          <Example name="socket" {...of} />
        </DocCard>
        <DocCard title="For programs">
          <p className="text-soft">
            <a href="/api/openapi.json" className="text-accent underline underline-offset-2">
              /api/openapi.json
            </a>{" "}
            describes all of this in OpenAPI 3.1.
          </p>
        </DocCard>
      </div>
      <DocCard title="When it is refused">
        <p className="text-soft">
          A refusal is <Term>application/problem+json</Term> with a <Term>code</Term>; its <Term>field</Term>{" "}
          names what is at fault, and <Term>Retry-After</Term> says how long to wait.
        </p>
        <ErrorList />
      </DocCard>
    </DashboardPage>
  );
}

/** What one update is, by the kind of channel. */
const WHAT = {
  record: "Any of these; what is left out stays as it is, and null says that there is no reading.",
  table: "One row: of its columns any; what is left out stays as it is.",
  feed: "One item, which is added to those before it.",
} as const;
