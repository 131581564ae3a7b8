import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ACCESS_CHANNEL } from "@/lib/server/hub/access";
import { Hub } from "@/lib/server/hub/hub";
import type { Fanout, FrameKind, Group, Receiver } from "@/lib/server/hub/receiver";
import type { NewUpdate } from "@/lib/server/log/log";
import { createSqliteLog } from "@/lib/server/log/sqlite-log";
import type { Cursor } from "@/lib/shared/cursor";
import type { Frame } from "@/lib/shared/protocol";
import { testChannels } from "./live-channels";
import { FaultyLog } from "./live-log";

/** A connection that keeps what it is sent. */
export class SpyReceiver implements Receiver {
  readonly frames: Frame[] = [];
  /** Bytes that it was charged. */
  bytes = 0;
  failure: unknown;
  moved = false;
  /** While false it does not keep up. */
  isReady = true;

  ready(): boolean {
    return this.isReady;
  }

  send(frame: Frame, bytes: number): void {
    this.frames.push(frame);
    this.bytes += bytes;
  }

  move(): void {
    this.moved = true;
  }

  fail(error: unknown): void {
    this.failure = error;
  }

  get updates() {
    return this.frames.flatMap(({ updates }) => updates ?? []);
  }
}

/** A transport that counts how often a frame is built and to how many it goes. */
export class SpyFanout implements Fanout {
  readonly sends: { frame: Frame; kind: FrameKind; members: number }[] = [];
  groups = 0;

  constructor(readonly name: "socket" | "sse" = "socket") {}

  createGroup(): Group {
    this.groups += 1;
    const members = new Set<Receiver>();
    return {
      join: (receiver) => void members.add(receiver),
      leave: (receiver) => void members.delete(receiver),
      send: (frame, bytes, kind) => {
        this.sends.push({ frame, kind, members: members.size });
        for (const receiver of members) receiver.send(frame, bytes);
      },
    };
  }
}

export interface LiveHub {
  hub: Hub;
  log: FaultyLog;
  clock: { ahead: number };
  /** What the hub reported, which nobody else would have been told. */
  reports: unknown[];
  append(...updates: NewUpdate[]): Promise<Cursor>;
  deny(viewer: string, ...channels: string[]): Promise<Cursor>;
  /** Closes hub and log and opens them anew on the same data. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** A hub over the real SQLite log, with faults on demand. */
export async function startHub(): Promise<LiveHub> {
  const folder = await mkdtemp(join(tmpdir(), "nowboard-hub-"));
  const clock = { ahead: 0 };
  const reports: unknown[] = [];
  const now = () => Date.now() + clock.ahead;

  async function open() {
    const log = new FaultyLog(createSqliteLog({ folder, now }));
    const hub = new Hub({ log, channels: testChannels, now, report: (error) => reports.push(error) });
    await hub.open();
    return { hub, log };
  }

  const live: LiveHub = {
    ...(await open()),
    clock,
    reports,
    append: async (...updates) => (await live.log.append({ updates })).cursor,
    deny: (viewer, ...channels) =>
      live.append({ ch: ACCESS_CHANNEL, rows: { [viewer]: { denied: channels.join(",") } } }),
    async restart() {
      await live.hub.close();
      await live.log.close();
      Object.assign(live, await open());
    },
    async close() {
      await live.hub.close();
      await live.log.close();
      await rm(folder, { recursive: true });
    },
  };
  return live;
}
