import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import { channels } from "@/lib/channels/registry";
import { createLogger } from "@/lib/server/logger";
import { type Runtime, startRuntime } from "@/lib/server/runtime";
import { readSettings } from "@/lib/server/settings";
import type { Row } from "@/lib/shared/define-channel";
import type { DeclaredSource } from "@/lib/shared/sources/declare-source";
import type { FeedState, RecordState, TableState } from "@/lib/shared/state";

/** The product's runtime with declared sources, in a folder of its own that outlives a restart. */
export class SourceRuntime {
  runtime!: Runtime;
  private readonly folder = mkdtempSync(join(tmpdir(), "nowboard-source-"));

  constructor(
    private readonly declared: readonly DeclaredSource[],
    private readonly env: Record<string, string>,
    private readonly redisUrl?: string,
  ) {}

  async start(): Promise<this> {
    this.runtime = await startRuntime({
      settings: readSettings({ NOWBOARD_DATA: this.folder, REDIS_URL: this.redisUrl }),
      logger: createLogger("silent"),
      channels: [...channels, ...this.declared.map(({ channel }) => channel)],
      declared: this.declared,
      env: this.env,
      archives: false,
    });
    return this;
  }

  async stop(): Promise<void> {
    await this.runtime.close();
  }

  async close(): Promise<void> {
    await this.runtime.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  values(channel: string): Record<string, number | null> {
    return (this.runtime.hub.state(channel) as RecordState).values;
  }

  rows(channel: string): Record<string, Row> {
    return (this.runtime.hub.state(channel) as TableState).rows;
  }

  items(channel: string): Row[] {
    return (this.runtime.hub.state(channel) as FeedState).items.map(({ item }) => item);
  }

  /** Why the channel has no news, as its viewers are told. */
  down(channel: string): string | undefined {
    return this.runtime.hub.state(channel)?.down;
  }

  /** The channel's row on the page of sources. */
  health(channel: string): Row {
    return this.rows("sources")[channel] ?? {};
  }

  /** The machine's own figures go on, whatever happens to the source under test. */
  async othersGoOn(): Promise<void> {
    const asOf = () => this.runtime.hub.state("infrastructure")?.asOf ?? 0;
    const before = asOf();
    await eventually(() => asOf() > before + 1500);
  }
}

/** Waits until something is so; a busy machine may take its time. */
export function eventually(isSo: () => unknown, timeout = 30_000): Promise<unknown> {
  return vi.waitUntil(isSo, { timeout, interval: 25 });
}
