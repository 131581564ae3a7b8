"use client";

import { type ReactNode, useEffect, useState, useSyncExternalStore } from "react";
import { FreshnessNote } from "@/components/cards/freshness-note";
import { CopyButton } from "@/components/ui/copy-line";
import { Panel } from "@/components/ui/panel";
import type { PanelProps } from "@/components/ui/panel-button";
import { SAVER_CHOICES, type SaverChoice } from "@/lib/client/data-saver";
import { CHOICES, type Choice, RUNGS } from "@/lib/client/ladder-state";
import { formatInline, formatTime } from "@/lib/shared/format";
import { afterLive } from "./after-live";
import type { ChannelSummary } from "./connection-indicator";
import { gapTexts, RUNG_WORDS, rungText, statusLook } from "./connection-words";
import { chooseSaver, readSaver, subscribeSaver } from "./data-saver";
import { useConnection, useFreshness, useLedger, useLocale } from "./hooks";
import { useLiveClient } from "./live-context";

/** So many interruptions are listed; the diagnostics have them all. */
const LISTED_GAPS = 6;

/**
 * The details of the connection: latency, age per channel, transports, and the gap ledger. Its code comes to every page
 * once it is live, and with it what else has waited for that.
 */
export default function ConnectionPanel({
  channels,
  ...panel
}: PanelProps & { channels: readonly ChannelSummary[] }) {
  const client = useLiveClient();
  useEffect(() => client && afterLive(client), [client]);
  return (
    <Panel {...panel} title="Connection">
      <Details channels={channels} />
    </Panel>
  );
}

function Details({ channels }: { channels: readonly ChannelSummary[] }) {
  const view = useConnection();
  const ledger = useLedger();
  const place = useLocale();
  const client = useLiveClient();
  const trials = client?.diagnostics().trials ?? [];
  const { word } = statusLook(view);
  return (
    <div className="flex flex-col gap-4">
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
        <Fact name="Status">
          {word}
          {view.since !== undefined && ` since ${formatTime(view.since, place, Date.now())}`}
        </Fact>
        <Fact name="Latency">
          {view.latencyMs === undefined
            ? "not measured yet"
            : `${formatInline(view.latencyMs, { unit: "milliseconds", digits: 0 }, place.locale)}, median of the last minute`}
        </Fact>
        {view.lastError && <Fact name="Last error">{view.lastError}</Fact>}
      </dl>
      <Section title="Age of the data on this page">
        <ul className="flex flex-col gap-1">
          {channels.map((channel) => (
            <ChannelAge key={channel.name} channel={channel} />
          ))}
        </ul>
      </Section>
      <Section title="Transports">
        <TransportChoice />
        <ul className="flex flex-col gap-1">
          {RUNGS.map((rung) => (
            <li key={rung} className="flex justify-between gap-4">
              <span>{RUNG_WORDS[rung]}</span>
              <span className="min-w-0 text-right text-soft">{rungText(rung, view, trials, place)}</span>
            </li>
          ))}
        </ul>
      </Section>
      <Section title="Data saver">
        <DataSaver />
      </Section>
      <Section title="Interruptions">
        {ledger.length === 0 ? (
          <p className="text-soft">None since this page was opened.</p>
        ) : (
          <ol className="flex flex-col gap-2" data-testid="ledger">
            {ledger
              .slice(-LISTED_GAPS)
              .reverse()
              .map((gap) => {
                const { when, why, outcome } = gapTexts(gap, place);
                return (
                  <li key={`${gap.from}-${gap.why}`}>
                    <p className="tabular-nums">{when}</p>
                    <p className="text-soft text-xs">
                      {why}; {outcome}
                    </p>
                  </li>
                );
              })}
          </ol>
        )}
      </Section>
      <div className="-mx-2 border-line border-t pt-2">
        <CopyButton
          label="Copy diagnostics"
          // For a support ticket: what this browser knows of its connection, and nothing of the data.
          text={() => JSON.stringify({ page: location.pathname, ...client?.diagnostics() }, null, 2)}
        />
      </div>
    </div>
  );
}

/** The viewer's own choice, for a network on which the automatic one does badly. */
function TransportChoice() {
  const client = useLiveClient();
  const [choice, setChoice] = useState<Choice>(client?.preference() ?? "auto");
  const prefer = (next: Choice) => {
    setChoice(next);
    client?.prefer(next);
  };
  return (
    <Setting
      title="Use"
      testId="transport-choice"
      names={CHOICES}
      wordsOf={(name) => (name === "auto" ? "The best that works" : `${RUNG_WORDS[name]} only`)}
      value={choice}
      choose={prefer}
    />
  );
}

const SAVER_WORDS: Record<SaverChoice, string> = {
  auto: "As this browser asks",
  on: "On",
  off: "Off",
};

/** Whether updates come at once or once a second, and who decided so. */
function DataSaver() {
  const { choice, isAsked, isOn } = useSyncExternalStore(subscribeSaver, readSaver);
  return (
    <>
      <Setting
        title="Save data"
        testId="saver-choice"
        names={SAVER_CHOICES}
        wordsOf={(name) => SAVER_WORDS[name]}
        value={choice}
        choose={chooseSaver}
      />
      <p className="text-soft" data-testid="saver">
        {isOn ? "On: updates come together, once a second at most." : "Off: updates come at once."}
        {choice === "auto" && (isAsked ? " This browser asks to save data." : " This browser does not ask.")}
      </p>
    </>
  );
}

interface SettingProps<Name extends string> {
  title: string;
  testId: string;
  names: readonly Name[];
  wordsOf: (name: Name) => string;
  value: Name;
  choose: (name: Name) => void;
}

function Setting<Name extends string>(props: SettingProps<Name>) {
  const { title, testId, names, wordsOf, value, choose } = props;
  return (
    <label className="flex items-center justify-between gap-4">
      <span>{title}</span>
      <select
        data-testid={testId}
        value={value}
        onChange={({ target }) => choose(target.value as Name)}
        className="touch h-8 rounded-card border border-line-strong bg-surface px-2"
      >
        {names.map((name) => (
          <option key={name} value={name}>
            {wordsOf(name)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-soft">{name}</dt>
      <dd className="min-w-0 break-words tabular-nums">{children}</dd>
    </>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-1.5 border-line border-t pt-3">
      <h3 className="font-medium text-label">{title}</h3>
      {children}
    </section>
  );
}

function ChannelAge({ channel: { name, title, maxAge } }: { channel: ChannelSummary }) {
  const { down } = useFreshness(name, maxAge);
  return (
    <li>
      <div className="flex justify-between gap-4">
        <span>{title}</span>
        <FreshnessNote of={{ channel: name, maxAge, cadence: 0 }} />
      </div>
      {down && <p className="text-soft text-xs">{down}</p>}
    </li>
  );
}
